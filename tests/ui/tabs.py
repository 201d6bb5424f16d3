"""Tabs that a browser has opened."""

from nst.ui.picks import Picks
from nst.ui.uploads import Upload
from nst.ui.visits import Session, Visits


def session(picks: Picks | None = None, photo: Upload | None = None) -> Session:
    """A tab of a new visitor, with these choices."""
    tab = Session(Visits().enter(None))
    tab.pick(picks or Picks())
    tab.choose_photo(photo)
    return tab
