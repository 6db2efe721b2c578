"""The planned map: what the company means to do at each stage, beside the way people really went."""
