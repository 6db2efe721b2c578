"""Files that are no CSV, written as one: Excel workbooks and vCards. Everything behind reads CSV alone."""
