import { z } from 'zod'
import { addressSchema } from '#telemetry/config.ts'
import { ConfigError } from '#telemetry/errors.ts'
import { type PersonRole, personRoles } from '#telemetry/people.ts'
import type { OpenIdOptions } from './openid.ts'

/** `admin=city-admins,operator=city-operators` as a table. */
const rolesSchema = z.string().transform((text, context) => {
  const roles: Partial<Record<PersonRole, string>> = {}
  for (const pair of text.split(',')) {
    const [name = '', word = ''] = pair.split('=').map((part) => part.trim())
    const role = personRoles.find((each) => each === name)
    if (role && word !== '') roles[role] = word
    else
      context.addIssue({
        code: 'custom',
        message: `must be pairs like admin=city-admins with ${personRoles.join(', ')}`,
      })
  }
  return roles
})

/** Settings of the sign-in through an OpenID provider. */
export const openIdConfig = z.object({
  OIDC_ISSUER: addressSchema('http', 'https')
    .refine(
      (url) => /^https:|^http:\/\/(127\.0\.0\.1|localhost|\[::1\])[:/]?/.test(url),
      'must be https, or http on this machine',
    )
    .optional()
    .describe('OpenID provider through which people may sign in as well, as https://id.example'),
  OIDC_CLIENT_ID: z.string().optional().describe('id of the platform at that provider'),
  OIDC_CLIENT_SECRET: z.string().optional().describe('secret of the platform at that provider'),
  OIDC_SCOPE: z.string().default('openid profile').describe('what the provider is asked for'),
  OIDC_ROLE_CLAIM: z.string().default('roles').describe('claim that tells what a person may be'),
  OIDC_ROLES: rolesSchema
    .optional()
    .describe(
      'words of that claim, as admin=city-admins,operator=city-operators; the role’s own name where none is given',
    ),
})

/**
 * What the settings say of the provider; undefined without OIDC_ISSUER.
 * @throws ConfigError when id or secret is missing
 */
export function openIdOptionsOf(config: z.infer<typeof openIdConfig>): { openId?: OpenIdOptions } {
  const { OIDC_ISSUER: issuer, OIDC_CLIENT_ID: clientId, OIDC_CLIENT_SECRET: clientSecret } = config
  if (issuer === undefined) return {}
  if (!clientId) throw new ConfigError('OIDC_CLIENT_ID is missing: OIDC_ISSUER needs it')
  if (!clientSecret) throw new ConfigError('OIDC_CLIENT_SECRET is missing: OIDC_ISSUER needs it')
  const { OIDC_SCOPE: scope, OIDC_ROLE_CLAIM: roleClaim, OIDC_ROLES: roles = {} } = config
  return { openId: { issuer, clientId, clientSecret, scope, roleClaim, roles } }
}
