/** A gateway that is alone has nobody: each binding by which it would ask somebody is replaced. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { parse } from 'smol-toml'
import { expect, test } from 'vitest'
import { UNREACHABLE_BINDINGS } from '../../../cli/failover/unreachable-entry.ts'
import { PROJECT } from '../../../cli/local/run-file.ts'

interface Wrangler {
  readonly durable_objects: { readonly bindings: readonly { readonly name: string }[] }
  readonly kv_namespaces: readonly { readonly binding: string }[]
  readonly r2_buckets?: readonly { readonly binding: string }[]
}

interface Asked {
  readonly get: () => Promise<unknown>
}
interface Objects {
  readonly idFromName: (name: string) => unknown
  readonly get: (id: unknown) => Asked
}

const {
  durable_objects,
  kv_namespaces,
  r2_buckets = [],
} = parse(readFileSync(resolve(PROJECT, 'wrangler.toml'), 'utf8')) as unknown as Wrangler
const objects = durable_objects.bindings.map(({ name }) => name)
const names = [...objects, ...[...kv_namespaces, ...r2_buckets].map(({ binding }) => binding)]

test('the gateway asks somebody', () => expect(names.length).toBeGreaterThan(3))

test.each(names)('%s does not answer', async (name) => {
  // The module as text, in place of its runtime: what it does to the bindings.
  const env: Record<string, unknown> = Object.fromEntries(names.map((each) => [each, { of: each }]))
  const body = UNREACHABLE_BINDINGS.replace(/import .*\n/, '').replace('5000', '0')
  new Function('env', body)(env)
  expect(env[name]).not.toEqual({ of: name })
  const asked = objects.includes(name) ? (env[name] as Objects).get((env[name] as Objects).idFromName('anybody')) : (env[name] as Asked)
  await expect(asked.get()).rejects.toThrow('unreachable')
})
