"""A headless Chromium without a network: it gets files only, and tells what else it asked for."""

import shutil

import lab
import playwright.sync_api
import pytest

SLIDE = {"width": 1280, "height": 720}
SWITCHES = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking")


@pytest.fixture(scope="session")
def browser():
    path = shutil.which("chromium") or shutil.which("google-chrome")
    if not path:
        pytest.fail(
            "Chromium is missing: type 'apt-get install -y chromium' (or your system's way), then run again."
        )
    with playwright.sync_api.sync_playwright() as api:
        browser = api.chromium.launch(executable_path=path, args=SWITCHES)
        yield browser
        browser.close()


def new_page(browser, allowed):
    """A page whose `faults` are the requests that were refused, and the errors of its scripts, in words.

    allowed: how the addresses that it may ask for begin.
    """
    page = browser.new_page(viewport=SLIDE)
    page.faults = []

    def answer(route):
        address = route.request.url
        if address.startswith(allowed):
            route.continue_()
        else:
            page.faults.append(f"asks the network for {address}")
            route.abort()

    page.route("**/*", answer)
    page.on("pageerror", lambda error: page.faults.append(f"an error in a script: {error}"))
    return page


@pytest.fixture
def page(browser):
    """A page that gets files only, and has a fault for one that is missing, too."""
    page = new_page(browser, "file:")

    def missing(request):
        if request.url.startswith("file:"):
            page.faults.append(f"could not load {request.url}")

    page.on("requestfailed", missing)
    yield page
    page.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    server = lab.Server(tmp_path_factory.mktemp("lab"))
    yield server
    server.stop()


@pytest.fixture(scope="module")
def learner(browser, server):
    """JupyterLab as the README's first command opens it, once the notebook is there and its kernel idle."""
    page = new_page(browser, lab.ALLOWED)
    page.set_default_timeout(lab.TIMEOUT)
    page.goto(server.address)
    page.wait_for_selector(lab.CELL)
    page.wait_for_function(lab.IDLE)
    yield lab.Lab(page, server)
    page.close()
