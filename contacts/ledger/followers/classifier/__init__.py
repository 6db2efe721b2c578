"""People or machines: makes of each raw hit on a mail an opening or a click of a person, or of a machine.

`agents` knows programs, `rules` judge the hits of one mail, `follower` keeps the verdicts and tells them to the ledger.
"""
