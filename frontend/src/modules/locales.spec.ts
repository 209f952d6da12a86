import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { KNOWN_STATUSES } from '../domain/status'

type Tree = { [key: string]: string | Tree }

function flatten(tree: Tree, prefix = ''): Map<string, string> {
  const flat = new Map<string, string>()
  for (const [key, value] of Object.entries(tree)) {
    if (typeof value === 'string') flat.set(prefix + key, value)
    else for (const [inner, text] of flatten(value, `${prefix}${key}.`)) flat.set(inner, text)
  }
  return flat
}

/** All parts of a language; an area lies in one file only. */
function texts(locale: string): Map<string, string> {
  const folder = join(import.meta.dirname, '../../locales', locale)
  const areas = readdirSync(folder).flatMap((name) => Object.entries(JSON.parse(readFileSync(join(folder, name), 'utf8')) as Tree))
  expect(new Set(areas.map(([area]) => area)).size).toBe(areas.length)
  return flatten(Object.fromEntries(areas))
}

function sources(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(vue|ts)$/.test(name) && !name.endsWith('.spec.ts') && !name.endsWith('.gen.ts'))
    .map((name) => readFileSync(join(folder, name), 'utf8'))
}

const english = texts('en')
const translated = texts('zh-CN')
const placeholders = (text: string) => [...new Set(text.match(/\{\w+\}/g) ?? [])].sort()

describe('locales', () => {
  it('have the same keys', () => {
    expect([...translated.keys()].sort()).toEqual([...english.keys()].sort())
  })

  it('have the same placeholders', () => {
    for (const [key, text] of english) expect(placeholders(translated.get(key) ?? ''), key).toEqual(placeholders(text))
  })

  it('are really translated', () => {
    const alike = [...english].filter(([key, text]) => translated.get(key) === text).map(([key]) => key)
    expect(alike).toEqual(['host.gpu', 'host.cpu'])
  })

  it('cover every key the program asks for', () => {
    const used = new Set<string>()
    for (const source of sources(join(import.meta.dirname, '..'))) {
      for (const match of source.matchAll(/\bt\(\s*'([^']+)'/g)) used.add(match[1] ?? '')
      for (const match of source.matchAll(/(?:title|label): '([a-z]+(?:\.[A-Za-z]+)+)'/g)) used.add(match[1] ?? '')
      for (const match of source.matchAll(/'(auth\.problem\.\w+)'/g)) used.add(match[1] ?? '')
    }
    for (const status of KNOWN_STATUSES) used.add(`status.${status}`)
    expect(used.size).toBeGreaterThan(80)
    expect([...used].filter((key) => !english.has(key))).toEqual([])
  })
})
