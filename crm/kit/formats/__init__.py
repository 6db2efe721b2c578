"""Dates and times by language, where Django's own are not what readers expect; see FORMAT_MODULE_PATH."""
