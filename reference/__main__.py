"""`python -m reference` rewrites what is generated in `docs/`, and the JSON Schemas."""

import config.docs
from reference.pages import PAGES, rendered


def main() -> None:
    """Rewrite the generated blocks of every page of reference."""
    config.docs.main()
    for name in PAGES:
        page = config.docs.FOLDER / name
        page.write_text(rendered(page.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
