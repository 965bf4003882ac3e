"""Read when a kernel starts: opened notebooks do not count as changed, a stopped cell says one sentence.

JupyterLab writes what the kernel tells into a notebook that it opens. With the exact version of Python in it, every
notebook would count as changed at once, wherever Python is another one than that which last saved it.
"""

from ipykernel.ipkernel import IPythonKernel

IPythonKernel.language_info["version"] = "3"

# In place of Keras' traceback of 140 lines; helpers.stopping has a sentence of its own.
get_config().InteractiveShellApp.exec_lines = [  # noqa: F821 (what reads this file defines it)
    "get_ipython().set_custom_exc((KeyboardInterrupt,), lambda shell, kind, value, *_, **__: shell._showtraceback("
    "kind, value, [str(value) or 'Stopped by you. The rest of this cell did not run.']))"
]
