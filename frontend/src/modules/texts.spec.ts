import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { parse } from 'vue/compiler-sfc'

const FOLDER = join(import.meta.dirname, '..')
/** Attributes that are read or read out. */
const SPOKEN = new Set(['alt', 'aria-label', 'aria-description', 'label', 'placeholder', 'title'])
/** Names, signs and units that are the same in every language. */
const NAMES = /^(Argus|Markdown|LaTeX|CSV|HTML|GitHub|h|s|ms|MB|GB|English|简体中文)$/

interface Node {
  type: number
  tag?: string
  content?: string | { content?: string }
  loc: { start: { line: number } }
  children?: readonly Node[]
  props?: readonly { type: number; name: string; value?: { content: string } }[]
}

const TEXT = 2
const ATTRIBUTE = 6

function* texts(node: Node): Generator<{ line: number; text: string }> {
  if (node.tag === 'code') return
  if (node.type === TEXT && typeof node.content === 'string') yield { line: node.loc.start.line, text: node.content }
  for (const prop of node.props ?? []) if (prop.type === ATTRIBUTE && SPOKEN.has(prop.name)) yield { line: node.loc.start.line, text: prop.value?.content ?? '' }
  for (const child of node.children ?? []) yield* texts(child)
}

it('no component has words of its own: all texts come from the locales', () => {
  const files = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.vue'))
  expect(files.length).toBeGreaterThan(100)
  const found = files.flatMap((name) => {
    const ast = parse(readFileSync(join(FOLDER, name), 'utf8'), { filename: name }).descriptor.template?.ast as unknown as Node | undefined
    return [...(ast ? texts(ast) : [])].flatMap(({ line, text }) => {
      const words = text.trim().split(/\s+/).filter((word) => /\p{L}/u.test(word) && !NAMES.test(word))
      return words.length > 0 ? [`${name}:${line} ${words.join(' ')}`] : []
    })
  })
  expect(found).toEqual([])
}, 60_000)
