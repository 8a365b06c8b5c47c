"""The agency's side: reads its spreadsheet, keeps names and keys to itself, and shares only what is de-identified."""
