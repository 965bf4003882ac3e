"""Read when a kernel starts: it tells JupyterLab nothing that is another Python's own.

JupyterLab writes what the kernel tells into a notebook that it opens. With the exact version of Python in it, every
notebook would count as changed at once, wherever Python is another one than that which last saved it.
"""

from ipykernel.ipkernel import IPythonKernel

IPythonKernel.language_info["version"] = "3"
