/** The scopes of operators as they are by default, for bases by hand. */
import type { OperatorsSettings } from '../../../config/operators.ts'

export const SCOPES: OperatorsSettings['scopes'] = {
  status: 'status:read',
  explain: 'explain',
  plan: 'plan:read',
  drift: 'drift:read',
  audit: 'audit:read',
  'weights:read': 'weights:read',
  'weights:write': 'weights:write',
  'drains:read': 'drains:read',
  'drains:write': 'drains:write',
  'releases:read': 'releases:read',
  'releases:write': 'releases:write',
  'revisions:read': 'revisions:read',
  'revisions:write': 'revisions:write',
}
