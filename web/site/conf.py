"""How Sphinx makes the site; tools/web.py calls it. Neither this nor a page needs a network."""

project = "What do activation functions and optimizers really do?"
language = "en"
extensions = ["myst_nb"]
nb_execution_mode = "off"  # pages show the outputs that the notebooks have
myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 2
suppress_warnings = ["misc.highlighting_failure"]  # Pygments does not know csv

html_theme = "furo"
html_title = "Activations and optimizers"
html_static_path = ["../node_modules/mathjax/es5/tex-svg.js", "site.css", "site.js"]
html_css_files = ["site.css"]
html_js_files = ["site.js"]
mathjax_path = "tex-svg.js"
mathjax3_config = {"options": {"enableMenu": False}}  # its entries load from the network
html_show_search_summary = False  # a browser reads no other page from disk
html_show_sphinx = False
html_copy_source = False
html_show_sourcelink = False
