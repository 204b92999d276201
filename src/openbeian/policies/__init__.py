"""What this installation and its organisations add to the rulebook: claims followed as policy, holidays loaded."""
