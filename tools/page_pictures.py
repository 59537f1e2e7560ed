"""Take the pictures of a page that README shows: docs/page-light.png and docs/page-dark.png.

Run from the repository root: ``python tools/page_pictures.py``. The page is that of README, on
scikit-learn's wines; it needs the command line, the page and Chromium with its driver.
"""

from __future__ import annotations

import base64
import io
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WIDTH, HEIGHT = 1100, 900
COMMAND = "report wine.csv -k 2:6 --label target --standardize -o report.html"


def page(folder: Path) -> Path:
    """Write the table and the page."""
    from sklearn.datasets import load_wine

    load_wine(as_frame=True).frame.to_csv(folder / "wine.csv", index=False)
    program = "import sys; from _centra import main; sys.argv[0] = 'centra'; sys.exit(main())"
    subprocess.run([sys.executable, "-c", program, *COMMAND.split()], cwd=folder, check=True)
    return folder / "report.html"


def picture(driver: object, path: Path, scheme: str) -> bytes:
    """Open the page in a colour scheme and return a PNG of 256 colours."""
    from PIL import Image

    wish = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", wish)  # type: ignore[attr-defined]
    driver.get(path.as_uri())  # type: ignore[attr-defined]
    found = driver.execute_cdp_cmd("Page.captureScreenshot", {"format": "png"})  # type: ignore[attr-defined]
    image = Image.open(io.BytesIO(base64.b64decode(found["data"]))).convert("RGB")
    made = io.BytesIO()
    image.quantize(256).save(made, "png", optimize=True)
    return made.getvalue()


def main() -> int:
    """Write both pictures."""
    sys.path.insert(0, str(ROOT / "tests"))
    import browser

    driver = browser.start()
    sizes = {"width": WIDTH, "height": HEIGHT, "deviceScaleFactor": 1, "mobile": False}
    try:
        driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", sizes)
        driver.execute_cdp_cmd("Emulation.setScrollbarsHidden", {"hidden": True})
        with tempfile.TemporaryDirectory() as folder:
            path = page(Path(folder))
            for scheme in ("light", "dark"):
                target = ROOT / "docs" / f"page-{scheme}.png"
                target.write_bytes(picture(driver, path, scheme))
                print(target.relative_to(ROOT))
    finally:
        driver.quit()
    return 0


if __name__ == "__main__":
    sys.exit(main())
