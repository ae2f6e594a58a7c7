/** A JSON schema as far as it is looked into here. */
interface JsonSchema {
  type?: unknown
  properties?: Record<string, JsonSchema>
  additionalProperties?: unknown
  items?: JsonSchema
  anyOf?: JsonSchema[]
  oneOf?: JsonSchema[]
  allOf?: JsonSchema[]
  [other: string]: unknown
}

const isSchema = (schema: unknown): schema is JsonSchema => typeof schema === 'object' && schema !== null

/** The same schema, with the objects at every depth closed to other keys where the schema does not open them by itself. */
export function closed(schema: JsonSchema): JsonSchema {
  const { properties, additionalProperties, items, anyOf, oneOf, allOf } = schema
  const each = (schemas: JsonSchema[]) => schemas.map(closed)
  return {
    ...schema,
    ...(properties && {
      properties: Object.fromEntries(Object.entries(properties).map(([name, value]) => [name, closed(value)])),
      additionalProperties: additionalProperties ?? false,
    }),
    ...(isSchema(additionalProperties) && { additionalProperties: closed(additionalProperties) }),
    ...(isSchema(items) && { items: closed(items) }),
    ...(anyOf && { anyOf: each(anyOf) }),
    ...(oneOf && { oneOf: each(oneOf) }),
    // each part alone would refuse the keys of the others
    ...(allOf && { unevaluatedProperties: false, allOf }),
  }
}
