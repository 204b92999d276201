"""Loads the rulebook and answers: what is in force on this day, on what source, and who says otherwise?"""
