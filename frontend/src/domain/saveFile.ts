/** Hands a file made here to the browser. */
export function saveBlob(blob: Blob, filename: string): void {
  const address = URL.createObjectURL(blob)
  const link = document.createElement('a')
  link.href = address
  link.download = filename
  link.click()
  // The browser has begun reading by the next turn of its loop, but not all do at once.
  setTimeout(() => URL.revokeObjectURL(address), 10_000)
}

export function saveText(text: string, filename: string, type: string): void {
  saveBlob(new Blob([text], { type: `${type};charset=utf-8` }), filename)
}
