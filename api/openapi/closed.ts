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

/** The schemas that a schema directly consists of, each changed. */
function partsOf({ anyOf, oneOf }: JsonSchema, change: (schema: JsonSchema) => JsonSchema): JsonSchema {
  return { ...(anyOf && { anyOf: anyOf.map(change) }), ...(oneOf && { oneOf: oneOf.map(change) }) }
}

/** What the keys of an object and the items of a list hold, closeSchema. */
function contentOf({ properties, additionalProperties, items }: JsonSchema): JsonSchema {
  return {
    ...(properties && {
      properties: Object.fromEntries(Object.entries(properties).map(([name, value]) => [name, closeSchema(value)])),
    }),
    ...(isSchema(additionalProperties) && { additionalProperties: closeSchema(additionalProperties) }),
    ...(isSchema(items) && { items: closeSchema(items) }),
  }
}

/** A part of an allOf: alone it would refuse the keys of the other parts. */
function united(schema: JsonSchema): JsonSchema {
  const { additionalProperties, ...rest } = schema
  return {
    ...rest,
    ...(additionalProperties !== false && additionalProperties !== undefined && { additionalProperties }),
    ...contentOf(schema),
    ...partsOf(schema, united),
    ...(schema.allOf && { allOf: schema.allOf.map(united) }),
  }
}

/** The same schema, with the objects at every depth closeSchema to other keys where the schema does not open them by itself. */
export function closeSchema(schema: JsonSchema): JsonSchema {
  return {
    ...schema,
    ...(schema.properties && { additionalProperties: schema.additionalProperties ?? false }),
    ...contentOf(schema),
    ...partsOf(schema, closeSchema),
    ...(schema.allOf && { allOf: schema.allOf.map(united), unevaluatedProperties: false }),
  }
}
