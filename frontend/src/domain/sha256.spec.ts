import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { digestOf, Sha256 } from './sha256'

const lengths = [0, 1, 55, 56, 63, 64, 65, 119, 120, 1000, 100_001]

describe('SHA-256', () => {
  it.each(lengths)('of %i bytes in pieces of any size', (length) => {
    const bytes = Uint8Array.from({ length }, (_, i) => (i * 31 + 7) % 256)
    const expected = createHash('sha256').update(bytes).digest('hex')
    for (const piece of [1, 63, 64, 65, 4096]) {
      const hash = new Sha256()
      for (let from = 0; from < length; from += piece) hash.update(bytes.subarray(from, from + piece))
      expect(hash.digest()).toBe(expected)
    }
  })

  it('of a file, telling how far it is', async () => {
    const read: number[] = []
    const digest = await digestOf(new Blob(['abc']), (bytes) => read.push(bytes), new AbortController().signal)
    expect(digest).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
    expect(read.at(-1)).toBe(3)
  })
})
