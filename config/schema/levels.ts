/** How a pool spreads over the priorities of its endpoints: fields of a pool. */
import { decimal, percentage, whole } from '../fields.ts'

export const levels = {
  spillOver: decimal(1, 10).optional().meta({
    description:
      'By how much each priority is over-provisioned; Envoy assumes 1.4. A priority takes the healthy share of its capacity times this, at most all, and passes the rest on to the next: with 1.4 and half of it healthy it keeps 70 %.',
    defaultText: 'off; the next priority gets requests only when no endpoint of those before can take them',
    danger: 'Each priority must be able to carry everything times this factor, or the spill takes the next one down.',
    example: 1.4,
  }),
  healthThreshold: percentage(1, 100).optional().meta({
    description: 'A priority with a lower share of its capacity healthy is passed over as a whole, while another priority has more.',
    defaultText: 'off',
    example: '50%',
  }),
  minimumHealthy: whole(1, 64).optional().meta({
    description: 'A priority with fewer healthy endpoints is passed over as a whole, while another priority has more.',
    defaultText: 'off',
    example: 2,
  }),
  panic: percentage(1, 100).optional().meta({
    description:
      'A priority with a lower share of its capacity healthy ignores verdicts and ejections and uses all its endpoints, while all priorities together have too little. Needs five endpoints. Without it verdicts are ignored only when no endpoint is in.',
    defaultText: 'off',
    danger: 'Requests go to endpoints that are known to fail: for pools whose survivors would fall under the whole load.',
    example: '30%',
  }),
}
