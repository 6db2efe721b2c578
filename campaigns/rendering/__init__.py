"""From a published template to the bytes of one person's mail: compiled once per dispatch, then spliced."""
