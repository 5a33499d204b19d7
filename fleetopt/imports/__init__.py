"""Other tools' files as instances: plain data in, an instance's text out; nothing is predicted or solved here."""
