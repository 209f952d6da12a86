/** Which entries match what was typed, the best first. */
export interface Entry {
  readonly label: string
  readonly about?: string | undefined
}

export function ranked<T extends Entry>(entries: readonly T[], typed: string, most: number): T[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean)
  const scored = entries.flatMap((entry, order) => {
    const score = scoreOf(entry, words)
    return score === null ? [] : [{ entry, score, order }]
  })
  return scored.sort((a, b) => b.score - a.score || a.order - b.order).slice(0, most).map(({ entry }) => entry)
}

/** The start of a name counts more than the start of a word, that more than its inside. */
function scoreOf({ label, about = '' }: Entry, words: readonly string[]): number | null {
  const name = label.toLowerCase()
  let score = 0
  for (const word of words) {
    const at = name.indexOf(word)
    if (at === 0) score += 4
    else if (at > 0) score += /[\s._/-]/.test(name[at - 1] ?? '') ? 3 : 2
    else if (about.toLowerCase().includes(word)) score += 1
    else return null
  }
  return score
}
