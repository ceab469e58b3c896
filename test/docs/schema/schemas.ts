import path from 'node:path';
import {API, type Checker, type Program, SignatureKind, type Type} from 'typescript/unstable/sync';
import {type Shape, shapes} from './shapes.js';
import {type Schema, schemaOf} from './type-schema.js';

/** Where the schemas are published. */
export const schemaFolder = 'docs/schema';

/** Makes the JSON Schema of every shape from the types in src, by the name of its file. */
export function makeSchemas(): ReadonlyMap<string, Schema> {
  const api = new API({cwd: process.cwd()});
  try {
    const [project] = api.updateSnapshot({openProjects: [path.resolve('tsconfig.json')]}).getProjects();
    if (project === undefined) throw new Error('cannot open tsconfig.json');
    const {program, checker} = project;
    const tail = schemaOf(
      functionType({file: 'src/cli/show/partial-result.ts', owner: 'completenessJson'}, program, checker),
      checker,
    );
    return new Map(
      shapes.map((shape) => {
        const item = schemaOf(recordType(shape, program, checker), checker);
        const own =
          shape.tail === undefined ? tail : schemaOf(functionType(shape.tail, program, checker), checker);
        return [`${shape.name}.json`, documentSchema(shape, item, own)];
      }),
    );
  } finally {
    api.close();
  }
}

function documentSchema({kind, title, columns}: Shape, item: Schema, tail: Schema): Schema {
  const head = {$schema: 'https://json-schema.org/draft/2020-12/schema', title};
  if (kind === 'lines')
    return {...head, description: 'One line of -o jsonl; the last one is the summary.', ...item};
  const {properties = {}, required = []} = item as {properties?: object; required?: readonly string[]};
  if (kind === 'one')
    return {
      ...head,
      ...item,
      properties: {version: {const: 1}, ...properties},
      required: ['version', ...required],
    };
  const {properties: gates = {}} = tail as {properties?: object};
  return {
    ...head,
    type: 'object',
    properties: {
      version: {const: 1},
      items: {type: 'array', ...(columns === true ? {description: withColumns} : {}), items: item},
      limited: {type: 'boolean'},
      total: {anyOf: [{type: 'number'}, {type: 'null'}]},
      ...gates,
    },
    required: ['version', 'items'],
  };
}

const withColumns =
  'With --columns an item has only the members of these columns, and of the required ones only those.';

interface AstNode {
  readonly name?: {readonly text?: string};
  readonly initializer?: AstNode;
  forEachChild(visit: (child: AstNode) => void): void;
}

type Place = Pick<Shape, 'file' | 'owner'>;

/** The type of `record` in the declaration: what it returns if it is a function. */
function recordType(place: Place, program: Program, checker: Checker): Type {
  const record = find(
    declarationOf(place, program),
    (node) => node.name?.text === 'record' && node.initializer,
  );
  if (record === undefined) throw new Error(`${place.file}: ${place.owner} has no record`);
  return returned(checker.getTypeAtLocation(record as never), checker);
}

function functionType(place: Place, program: Program, checker: Checker): Type {
  const {name} = declarationOf(place, program);
  return returned(checker.getTypeAtLocation(name as never), checker);
}

function declarationOf({file, owner}: Place, program: Program): AstNode {
  const source = program.getSourceFile(path.resolve(file)) as AstNode | undefined;
  const found = source && find(source, (node) => node.name?.text === owner && node);
  if (found === undefined) throw new Error(`${file} does not declare ${owner}`);
  return found;
}

function find(node: AstNode, test: (node: AstNode) => AstNode | false | undefined): AstNode | undefined {
  const here = test(node);
  if (here) return here;
  let found: AstNode | undefined;
  node.forEachChild((child) => {
    found ??= find(child, test);
  });
  return found;
}

function returned(type: Type | undefined, checker: Checker): Type {
  if (type === undefined) throw new Error('a declaration has no type');
  const [signature] = checker.getSignaturesOfType(type, SignatureKind.Call);
  return (signature && checker.getReturnTypeOfSignature(signature)) ?? type;
}
