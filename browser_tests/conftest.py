"""A headless Chromium without a network: it gets files only, and tells what else it asked for."""

import shutil

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


@pytest.fixture
def page(browser):
    """A page whose `faults` are the requests that were refused, and the errors of its scripts, in words."""
    page = browser.new_page(viewport=SLIDE)
    page.faults = []

    def answer(route):
        address = route.request.url
        if address.startswith("file:"):
            route.continue_()
        else:
            page.faults.append(f"asks the network for {address}")
            route.abort()

    def missing(request):
        if request.url.startswith("file:"):
            page.faults.append(f"could not load {request.url}")

    page.route("**/*", answer)
    page.on("pageerror", lambda error: page.faults.append(f"an error in a script: {error}"))
    page.on("requestfailed", missing)
    yield page
    page.close()
