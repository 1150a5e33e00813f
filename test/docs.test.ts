/** The documents keep their word: snippets parse, commands exist, links lead somewhere. */
import { execFileSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { type Commands, checkInlineCommands, checkLinks, checkSnippets, snippetsOf } from './docs/check-document.ts'
import { readTracked, trackedPaths } from './tidy/source-file.ts'

const documents = trackedPaths()
  .filter((path) => path.endsWith('.md'))
  .map((path) => ({ path, text: readTracked(path) }))
const { scripts } = JSON.parse(readTracked('package.json')) as { scripts: Record<string, string> }
const help = execFileSync(process.execPath, ['cli/meridian.mjs', '--help'], { encoding: 'utf8' })
const commands: Commands = {
  scripts: new Set(Object.keys(scripts)),
  meridian: new Set([...help.matchAll(/^ {2}(\w[\w-]*) {2,}/gm)].map(([, name = '']) => name)),
}
const show = (found: readonly { path: string; line: number; problem: string }[]) =>
  found.map(({ path, line, problem }) => `${path}:${line} ${problem}`)

describe.each(documents)('$path', (document) => {
  test('its snippets parse and their commands exist', () => expect(show(checkSnippets(document, commands))).toEqual([]))
  test('the commands in its prose exist', () => expect(show(checkInlineCommands(document, commands))).toEqual([]))
  test('its links lead somewhere', () => expect(show(checkLinks(document))).toEqual([]))
})

test('the README shows a whole gateway configuration', () => {
  const readme = documents.find(({ path }) => path === 'README.md')
  if (readme === undefined) return
  expect(snippetsOf(readme).some(({ kind }) => kind === 'yaml gateway')).toBe(true)
})

test.each(Object.entries(scripts))('the script %s runs files that are there', (_, command) => {
  const files = command.split(/\s+/).filter((word) => /\.(ts|mjs)$/.test(word))
  expect(files.filter((file) => !trackedPaths().includes(file))).toEqual([])
})

describe('each check can fail', () => {
  const fence = (kind: string, text: string) => ({ path: 'a.md', text: `\`\`\`${kind}\n${text}\n\`\`\`\n` })
  test.each([
    { what: 'a configuration with a defect', document: fence('yaml gateway', 'pools: {}\nroutes: 5') },
    { what: 'broken YAML', document: fence('yaml', 'a: [1') },
    { what: 'broken JSON', document: fence('json', '{a: 1}') },
    { what: 'an unknown script', document: fence('sh', 'npm ci && npm run nothing') },
    { what: 'an unknown command', document: fence('sh', 'npx meridian dance') },
    { what: 'an unknown command of wrangler', document: fence('sh', 'npx wrangler dance') },
    { what: 'a file that is not there', document: fence('sh', 'node cli/nothing.ts') },
    { what: 'a snippet of no kind', document: fence('', 'what?') },
    { what: 'a snippet without end', document: { path: 'a.md', text: '```sh\nls' } },
  ])('$what', ({ document }) => expect(checkSnippets(document, commands)).not.toEqual([]))

  test('an unknown command in prose', () => {
    expect(checkInlineCommands({ path: 'a.md', text: 'Say `npm run nothing`.' }, commands)).not.toEqual([])
    expect(checkInlineCommands({ path: 'a.md', text: 'Say `npm run check [-- FILE]`.' }, commands)).toEqual([])
  })

  test.each(['[a](nothing.md)', '[a](README.md#nothing)', '[a](#nothing)'])('the link %s', (text) => {
    const read = (path: string) => (path === 'README.md' ? '# Something' : undefined)
    expect(checkLinks({ path: 'a.md', text }, read)).not.toEqual([])
    expect(
      checkLinks(
        { path: 'a.md', text: '# Some `thing`, twice\n[a](README.md#something) [b](#some-thing-twice) [c](https://example.com/x)' },
        read,
      ),
    ).toEqual([])
  })
})
