/**
 * What is wrong with a document: links that lead nowhere, snippets that do not parse, commands that do not exist. Prose is the
 * reader's to judge.
 */
import { existsSync, readFileSync } from 'node:fs'
import { posix } from 'node:path'
import { loadText } from '../../cli/load-gateway.ts'
import { readYaml } from '../../cli/read-yaml.ts'
import type { Finding } from '../tidy/source-file.ts'

export interface Document {
  readonly path: string
  readonly text: string
}

/** Commands that may be told to readers. */
export interface Commands {
  /** Of package.json. */
  readonly scripts: ReadonlySet<string>
  readonly meridian: ReadonlySet<string>
}

interface Snippet {
  /** After the fence: `yaml`, `yaml gateway`, `sh`. */
  readonly kind: string
  readonly text: string
  readonly line: number
}

export function snippetsOf({ text }: Document): Snippet[] {
  const found: Snippet[] = []
  let open: { kind: string; indent: string; line: number; lines: string[] } | undefined
  text.split('\n').forEach((line, index) => {
    const fence = /^(\s*)```(.*)$/.exec(line)
    if (open !== undefined && fence !== null) {
      found.push({ kind: open.kind, text: open.lines.join('\n'), line: open.line })
      open = undefined
    } else if (open !== undefined) open.lines.push(line.startsWith(open.indent) ? line.slice(open.indent.length) : line)
    else if (fence !== null) open = { kind: (fence[2] ?? '').trim(), indent: fence[1] ?? '', line: index + 1, lines: [] }
  })
  if (open !== undefined) found.push({ kind: 'never closed', text: '', line: open.line })
  return found
}

export function checkSnippets(document: Document, commands: Commands): Finding[] {
  return snippetsOf(document).flatMap(({ kind, text, line }) =>
    problemsOf(kind, text, commands).map((problem) => ({ path: document.path, line, problem })),
  )
}

function problemsOf(kind: string, text: string, commands: Commands): string[] {
  switch (kind) {
    case 'yaml gateway':
    case 'yaml gateway local': {
      const loaded = loadText(text, 'snippet', { local: kind.endsWith('local') })
      return loaded.ok
        ? []
        : loaded.defects.map(({ line, expected, found }) => `line ${line} of the snippet: expected ${expected}, found ${found}`)
    }
    case 'yaml': {
      const read = readYaml(text)
      return read.ok ? [] : read.defects.map(({ expected, found }) => `expected ${expected}, found ${found}`)
    }
    case 'json':
      return isJson(text) ? [] : ['this is no JSON']
    case 'sh':
      return text.split('\n').flatMap((line) => checkCommand(line.replace(/(^|\s)#.*$/, ''), commands))
    case 'never closed':
      return ['the snippet is never closed']
    case '':
      return ['the snippet does not say what it is: sh, yaml, json, text, …']
    default:
      return []
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/** Subcommands of npm that documents may name beside scripts. */
const NPM = ['ci', 'install', 'run', 'ls', 'update', 'audit', 'pkg']
/** Of wrangler, by its own help. */
const WRANGLER = [
  'mtls-certificate',
  'deploy',
  'dev',
  'delete',
  'deployments',
  'kv',
  'login',
  'logout',
  'r2',
  'rollback',
  'secret',
  'tail',
  'triggers',
  'types',
  'versions',
  'whoami',
]
/** Scripts that npm runs without `run`. */
const NPM_SHORT = ['start', 'test']

/** Every command of a line that this project could have got wrong. */
export function checkCommand(line: string, { scripts, meridian }: Commands): string[] {
  return line.split(/&&|\|\||[|;]/).flatMap((part): string[] => {
    const [first, second = '', third = ''] = part.trim().split(/\s+/)
    if (first === 'npm' && second === 'run') return scripts.has(third) ? [] : [`there is no script ${third}`]
    if (first === 'npm' && NPM_SHORT.includes(second)) return scripts.has(second) ? [] : [`there is no script ${second}`]
    if (first === 'npm') return NPM.includes(second) ? [] : [`npm ${second}?`]
    if (first === 'npx' && second === 'meridian') return meridian.has(third) ? [] : [`there is no command meridian ${third}`]
    if (first === 'npx' && second === 'wrangler') return WRANGLER.includes(third) ? [] : [`there is no command wrangler ${third}`]
    if (first === 'node' && /\.(ts|mjs)$/.test(second)) return existsSync(second) ? [] : [`there is no file ${second}`]
    return []
  })
}

/** Commands between backticks in the prose. */
export function checkInlineCommands(document: Document, commands: Commands): Finding[] {
  return outsideSnippets(document).flatMap(({ text, line }) =>
    [...text.matchAll(/`((?:npm|npx|node) [^`]+)`/g)]
      .flatMap(([, command = '']) => checkCommand(command.replace(/\[[^\]]*\]/g, ''), commands))
      .map((problem) => ({ path: document.path, line, problem })),
  )
}

function outsideSnippets({ text }: Document): { text: string; line: number }[] {
  let inside = false
  return text.split('\n').flatMap((line, index) => {
    if (/^\s*```/.test(line)) inside = !inside
    return inside ? [] : [{ text: line, line: index + 1 }]
  })
}

/** The anchor of a heading, as GitHub makes it. */
const slug = (heading: string): string =>
  heading
    .trim()
    .toLowerCase()
    .replace(/`|\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replace(/\s/g, '-')

export function anchorsOf(document: Document): Set<string> {
  return new Set(
    outsideSnippets(document).flatMap(({ text }) => [...text.matchAll(/^#{1,6}\s+(.*)$/g)].map(([, heading = '']) => slug(heading))),
  )
}

/** Links to files and headings of this project. Addresses on the internet are not asked. */
export function checkLinks(document: Document, read: (path: string) => string | undefined = readIfThere): Finding[] {
  return outsideSnippets(document).flatMap(({ text, line }) =>
    [...text.matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, target = '']) => {
      const problem = /^[a-z]+:/.test(target) ? undefined : brokenLink(document, target, read)
      return problem === undefined ? [] : [{ path: document.path, line, problem }]
    }),
  )
}

function brokenLink(from: Document, target: string, read: (path: string) => string | undefined): string | undefined {
  const [file = '', anchor] = target.split('#')
  const path = file === '' ? from.path : posix.normalize(posix.join(posix.dirname(from.path), file))
  const text = file === '' ? from.text : read(path)
  if (text === undefined) return `${target} leads nowhere`
  if (anchor !== undefined && !anchorsOf({ path, text }).has(anchor)) return `${path} has no heading #${anchor}`
  return undefined
}

function readIfThere(path: string): string | undefined {
  if (!existsSync(path)) return undefined
  return path.endsWith('.md') ? readFileSync(path, 'utf8') : ''
}
