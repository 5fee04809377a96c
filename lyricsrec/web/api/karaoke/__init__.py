"""Routes for karaoke files: what they can look like, a preview, making one, downloading it."""
