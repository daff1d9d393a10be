"""What developers run: sample data, translations, licences, guards, fuzzing, crashes.

Users run ``python -m analysis``; nothing there imports this.
"""
