"""The catalogue of fields: those of the program by registration, custom attributes by look-up."""
