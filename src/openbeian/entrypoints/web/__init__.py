"""The portal: server-rendered pages in Chinese and English."""
