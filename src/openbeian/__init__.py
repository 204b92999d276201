"""OpenBeian keeps Chinese websites, apps and mini-programs legal and online."""
