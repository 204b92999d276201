"""The filing's form as pages: fields drawn from the form's spec, and what was typed read back by it.

Nothing here names a field of a particular form, so a new procedure or a new field needs no new screen.
"""
