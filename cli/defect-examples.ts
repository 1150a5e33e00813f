/**
 * The examples of the table of defects. Each is one file, a diff: with its `-` lines it has the defect and no other, with its `+` lines it has none.
 * What it leaves out of a gateway is the same in all of them.
 */
import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'

/** Where they stand; paths of certificates begin here. */
export const EXAMPLES = resolve(import.meta.dirname, '../config/defects/examples')

/** The moment at which the examples are judged: certificates and faults have an end. */
export const EXAMPLES_NOW = Date.UTC(2026, 10, 26)

export const STANDARD_POOLS = `pools:
  shop:
    endpoints:
      aws-use1: { url: https://ingress.use1.example.com, cloud: aws, region: us-east-1 }
      gcp-euw1: { url: https://ingress.euw1.example.com, cloud: gcp, region: europe-west1 }
`
export const STANDARD_ROUTES = `routes:
  - { hosts: [shop.example.com], pool: shop }
`

/** The files of one side. */
export interface ExampleSide {
  readonly gateway: string
  /** Where the example is about it. */
  readonly wrangler?: string
  /** Where the example is about it, and not about the gateway. */
  readonly emergency?: string
}

export interface DefectExample {
  /** As it is shown. */
  readonly text: string
  /** Checked with `--local`. */
  readonly local: boolean
  readonly wrong: ExampleSide
  readonly right: ExampleSide
}

/** Undefined where there is none. */
export function readExample(code: string): DefectExample | undefined {
  const file = resolve(EXAMPLES, `${code}.diff`)
  if (!/^[A-Z_]+$/.test(code) || !existsSync(file)) return undefined
  const text = readFileSync(file, 'utf8')
  return { text, local: /^@@ gateway\.yaml --local$/m.test(text), wrong: sideOf(text, '-'), right: sideOf(text, '+') }
}

function sideOf(text: string, sign: '-' | '+'): ExampleSide {
  const files = new Map([['gateway.yaml', '']])
  let name = 'gateway.yaml'
  for (const line of text.split('\n').filter((each) => each !== '')) {
    const [, other] = /^@@ (\S+)/.exec(line) ?? []
    name = other ?? name
    const held = files.get(name) ?? ''
    const isKept = line.startsWith(' ') || line.startsWith(sign)
    files.set(name, isKept ? held + repeated(line.slice(1)) : held)
  }
  const [wrangler, emergency] = [files.get('wrangler.toml'), files.get('emergency.json')]
  const gateway = whole(files.get('gateway.yaml') ?? '')
  return { gateway, ...(wrangler === undefined ? {} : { wrangler }), ...(emergency === undefined ? {} : { emergency }) }
}

/** A line that ends with `# and so on, to 51` stands for as many, each with its number in place of `%`. */
function repeated(line: string): string {
  const [, first, count] = /^(.*%.*) # and so on, to (\d+)$/.exec(line) ?? []
  if (first === undefined) return `${line}\n`
  return Array.from({ length: Number(count) }, (_, index) => `${first.replaceAll('%', String(index + 1))}\n`).join('')
}

function whole(gateway: string): string {
  const pools = /^pools:/m.test(gateway) ? '' : STANDARD_POOLS
  const routes = /^routes:/m.test(gateway) ? '' : STANDARD_ROUTES
  return pools + gateway + routes
}
