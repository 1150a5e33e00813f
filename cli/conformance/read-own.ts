/**
 * The project's own cases: `test/conformance/*.yaml`, each a test. Its first document says the cases, the others are manifests; `base.yaml` has
 * what all of them share.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { readYaml } from '../read-yaml.ts'
import type { ConformanceCase, ConformanceTest, Extra } from './case.ts'
import { isMutation, type MutationName } from './mutations.ts'

const FOLDER = resolve(import.meta.dirname, '../../test/conformance')
const BASE = 'base.yaml'

const headers = z.record(z.string(), z.string()).default({})
const names = z.array(z.string()).default([])

const caseSchema = z.strictObject({
  /** `GET /path?query`. */
  request: z.string().regex(/^[A-Z]+ \/\S*$/),
  host: z.string().optional(),
  headers,
  /** Response headers that the echo is asked for. */
  echo: headers,
  gateway: z.string().default('shop/edge'),
  scheme: z.enum(['http', 'https']).default('http'),
  status: z.union([z.int(), z.array(z.int())]).default(200),
  backend: z.string().optional(),
  seen: z
    .strictObject({ host: z.string().optional(), path: z.string().optional(), method: z.string().optional(), headers, absent: names })
    .default({ headers: {}, absent: [] }),
  response: z.strictObject({ headers, absent: names }).default({ headers: {}, absent: [] }),
  redirect: z
    .strictObject({ scheme: z.string().optional(), host: z.string().optional(), port: z.string().optional(), path: z.string().optional() })
    .optional(),
  mirrors: z.array(z.strictObject({ to: z.string(), percent: z.int().default(100) })).optional(),
  /** Shares of the pods over many such requests. */
  shares: z.record(z.string(), z.number()).optional(),
})

const testSchema = z.strictObject({
  what: z.string().min(1),
  /** The mutation that must turn it red. */
  mutation: z.string().refine(isMutation, 'expected a mutation'),
  cases: z.array(caseSchema).default([]),
  websocket: z.strictObject({ gateway: z.string().default('shop/edge'), path: z.string() }).optional(),
})

export interface OwnTest extends ConformanceTest {
  readonly mutation: MutationName
}

export function readOwnTests(): readonly OwnTest[] {
  const base = readFileSync(join(FOLDER, BASE), 'utf8')
  const files = readdirSync(FOLDER).filter((file) => file.endsWith('.yaml') && file !== BASE)
  return files.toSorted().map((file) => readOwn(file, readFileSync(join(FOLDER, file), 'utf8'), base))
}

function readOwn(file: string, text: string, base: string): OwnTest {
  const [head = '', ...manifests] = text.split(/^---$/m)
  const yaml = readYaml(head)
  if (!yaml.ok) throw new Error(`${file}: ${yaml.defects.map(({ line, found }) => `line ${line}: ${found}`).join('; ')}`)
  const { what, mutation, cases, websocket } = testSchema.parse(yaml.value)
  const read = cases.map((one) => readCase(one))
  const shares = cases.flatMap((one, index): Extra[] => {
    const request = read[index]
    return one.shares === undefined || request === undefined ? [] : [{ kind: 'shares', request, shares: one.shares }]
  })
  return {
    id: file.replace('.yaml', ''),
    what,
    mutation,
    manifests: [
      { file: BASE, text: base },
      { file, text: manifests.join('---') },
    ],
    cases: read,
    extras: [...shares, ...(websocket === undefined ? [] : [{ kind: 'websocket' as const, ...websocket }])],
  }
}

function readCase(one: z.output<typeof caseSchema>): ConformanceCase {
  const [method = '', path = ''] = one.request.split(' ')
  const { host, redirect, mirrors, seen } = one
  return {
    name: [one.gateway === 'shop/edge' ? '' : one.gateway, one.request, host, ...Object.entries(one.headers).map((pair) => pair.join(': '))]
      .filter((part) => part !== undefined && part !== '')
      .join(' '),
    gateway: one.gateway,
    scheme: one.scheme,
    request: { ...(host === undefined ? {} : { host }), path, method, headers: one.headers, echoHeaders: one.echo },
    expect: {
      statuses: typeof one.status === 'number' ? [one.status] : one.status,
      ...(one.backend === undefined ? {} : { backend: one.backend }),
      seen: {
        ...(seen.host === undefined && host === undefined ? {} : { host: seen.host ?? host ?? '' }),
        ...(seen.path === undefined ? {} : { path: seen.path }),
        ...(seen.method === undefined ? {} : { method: seen.method }),
        headers: seen.headers,
        absent: seen.absent,
      },
      response: { ...one.response, oneOf: {}, ignoreWhitespace: false },
      ...(redirect === undefined
        ? {}
        : { redirect: Object.fromEntries(Object.entries(redirect).filter(([, value]) => value !== undefined)) }),
      ...(mirrors === undefined ? {} : { mirrors }),
    },
  }
}
