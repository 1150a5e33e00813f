import { expect, test } from 'vitest'
import type { Emergency } from '../../../config/overlay.ts'
import { share } from '../../../config/units.ts'
import { contentOf } from '../../../durable-objects/policy/compose-snapshot.ts'
import { emergencyOf } from '../worker/overlays.ts'

const content = (emergency: Partial<Emergency>): string =>
  contentOf({ endpoints: {}, retryScale: share(1), emergency: emergencyOf(emergency) })

test.each<[string, Partial<Emergency>]>([
  ['another canary is killed', { killCanary: ['checkout', 'search'] }],
  ['an endpoint is drained', { drain: ['east'] }],
  ['an endpoint is spared', { weightZero: ['east'] }],
  ['a release is frozen', { freeze: ['checkout'] }],
  ['it was read from another object', { etag: '"other"' }],
])('a snapshot says something new when by its emergency %s, also when its tag is so long that it is cut', (_, more) => {
  const held: Partial<Emergency> = { etag: 'e'.repeat(256), killCanary: ['checkout'] }
  expect(content({ ...held, ...more })).not.toBe(content(held))
  expect(content({ ...held })).toBe(content(held))
})
