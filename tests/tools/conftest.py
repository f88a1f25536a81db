"""A browser for the pages that tools write or serve."""

import shutil

import pytest

PROGRAMS = 'chromium', 'chromium-browser', 'google-chrome'


@pytest.fixture(scope='module')
def browser():
    """Headless Chromium, driven by selenium."""
    webdriver = pytest.importorskip('selenium.webdriver')
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    driver = shutil.which('chromedriver')
    if program is None or driver is None:
        pytest.skip(
            'no chromium with chromedriver on the PATH (Debian: apt-get '
            'install chromium chromium-driver)'
        )
    options = webdriver.ChromeOptions()
    options.binary_location = program
    for argument in (
        *('--headless=new', '--no-sandbox', '--disable-dev-shm-usage'),
        *('--disable-gpu', '--no-proxy-server', '--window-size=1400,1300'),
    ):
        options.add_argument(argument)
    options.set_capability('goog:loggingPrefs', {'browser': 'ALL'})
    service = webdriver.ChromeService(executable_path=driver)
    started = webdriver.Chrome(options=options, service=service)
    yield started
    started.quit()
