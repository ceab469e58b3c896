import {
  type Checker,
  isIntersectionType,
  isLiteralType,
  isUnionType,
  type Type,
  TypeFlags,
} from 'typescript/unstable/sync';

/** A JSON Schema, draft 2020-12. */
export type Schema = Readonly<Record<string, unknown>>;

/** Describes the JSON of values of a type. Members that may be undefined are optional. Throws for what JSON has not. */
export function schemaOf(type: Type, checker: Checker): Schema {
  if (type.flags & (TypeFlags.Unknown | TypeFlags.Any)) return {};
  if (type.flags & TypeFlags.Boolean) return {type: 'boolean'};
  if (isLiteralType(type)) return {const: type.value};
  if (type.flags & TypeFlags.String) return {type: 'string'};
  if (type.flags & TypeFlags.Number) return {type: 'number'};
  if (type.flags & TypeFlags.Null) return {type: 'null'};
  if (isUnionType(type)) return unionSchema(type.getTypes(), checker);
  if (type.flags & TypeFlags.Object || isIntersectionType(type)) return objectSchema(type, checker);
  throw new Error(`no JSON for the type ${checker.typeToString(type)}`);
}

function unionSchema(types: readonly Type[], checker: Checker): Schema {
  const schemas = types
    .filter(({flags}) => !(flags & (TypeFlags.Undefined | TypeFlags.Void)))
    .map((type) => schemaOf(type, checker));
  const words = schemas.flatMap((schema) => ('const' in schema ? [schema['const']] : []));
  const others = schemas
    .filter((schema) => !('const' in schema))
    .sort((one, other) => (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1)); // the compiler's order varies
  const isBoolean = words.length === 2 && words.every((word) => typeof word === 'boolean');
  const merged = [
    ...(isBoolean ? [{type: 'boolean'}] : words.length === 0 ? [] : [{enum: words.sort()}]),
    ...others,
  ];
  const [first = {}, ...rest] = merged;
  return rest.length === 0 ? first : {anyOf: merged};
}

function objectSchema(type: Type, checker: Checker): Schema {
  if (checker.isArrayLikeType(type)) {
    const [index] = checker.getIndexInfosOfType(type);
    return {type: 'array', items: index === undefined ? {} : schemaOf(index.valueType, checker)};
  }
  const properties = checker.getPropertiesOfType(type).flatMap((symbol) => {
    const member = checker.getTypeOfSymbol(symbol);
    if (member === undefined) throw new Error(`the member ${symbol.name} has no type`);
    if (member.flags & TypeFlags.Undefined) return []; // absent from this branch of a union
    return [{name: symbol.name, schema: schemaOf(member, checker), isOptional: mayBeUndefined(member)}];
  });
  const [index] = checker.getIndexInfosOfType(type);
  const required = properties.filter(({isOptional}) => !isOptional).map(({name}) => name);
  return {
    type: 'object',
    ...(properties.length === 0
      ? {}
      : {properties: Object.fromEntries(properties.map(({name, schema}) => [name, schema]))}),
    ...(required.length === 0 ? {} : {required}),
    ...(index === undefined ? {} : {additionalProperties: schemaOf(index.valueType, checker)}),
  };
}

function mayBeUndefined(type: Type): boolean {
  return isUnionType(type) && type.getTypes().some(({flags}) => (flags & TypeFlags.Undefined) !== 0);
}
