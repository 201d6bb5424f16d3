"""Neural style transfer: a photo and a painting in, the photo as a painting out."""
