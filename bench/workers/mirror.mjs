// Mirrors every other picture, as torchvision's RandomHorizontalFlip does.
export default (picture, random) => {
  if (random() < 0.5) return picture
  const { data, height, width, channels } = picture
  for (let y = 0; y < height; y++) {
    for (let left = y * width, right = left + width - 1; left < right; left++, right--) {
      for (let c = 0; c < channels; c++) {
        const kept = data[left * channels + c]
        data[left * channels + c] = data[right * channels + c]
        data[right * channels + c] = kept
      }
    }
  }
  return picture
}
