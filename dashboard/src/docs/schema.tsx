// A schema as a tree of its members. What is below a member is shown on demand: schemas go round in circles.
import { useContext, useState } from 'preact/hooks';
import { createContext } from 'preact';
import { followed, limits_of, type_of, type Document, type Schema } from './model';
import { Prose, Words } from './prose';

export const OpenDocument = createContext<Document | undefined>(undefined);

/** The schema whose members, items or choices can be looked at; nothing where there are none. */
function inside(document: Document, given: Schema): Schema | undefined {
  const { value } = followed(document, 'schemas', given);
  if (value.type === 'array' && value.items) return inside(document, value.items);
  const more = value.additionalProperties;
  if (!value.properties && typeof more === 'object') return inside(document, more);
  const choices = (value.oneOf ?? value.anyOf)?.filter((each) => inside(document, each));
  return value.properties || choices?.length ? value : undefined;
}

function Choices({ choices }: { choices: Schema[] }) {
  const document = useContext(OpenDocument)!;
  const [chosen, choose] = useState(0);
  const shown = choices[chosen];
  return (
    <div>
      <div class="docs-choices" role="group" aria-label="One of">
        {choices.map((each, index) => (
          <button key={index} type="button" class="button small" aria-pressed={index === chosen} onClick={() => choose(index)}>{type_of(document, each)}</button>
        ))}
      </div>
      {shown && <SchemaBody given={shown} />}
    </div>
  );
}

/** The members, or the choices, of a schema that was opened. */
export function SchemaBody({ given }: { given: Schema }) {
  const document = useContext(OpenDocument)!;
  const schema = inside(document, given);
  if (!schema) return <Leaf given={given} />;
  const choices = schema.oneOf ?? schema.anyOf;
  if (!schema.properties && choices) return <Choices choices={choices} />;
  const required = new Set(schema.required ?? []);
  return (
    <div>
      {schema.description && <div class="docs-said"><Prose text={schema.description} /></div>}
      <ul class="docs-members">
        {Object.entries(schema.properties ?? {}).map(([name, member]) => <Member key={name} name={name} given={member} required={required.has(name)} />)}
      </ul>
    </div>
  );
}

function Leaf({ given }: { given: Schema }) {
  const document = useContext(OpenDocument)!;
  const { value } = followed(document, 'schemas', given);
  return (
    <div class="docs-said">
      <Words text={value.description} /> <Facts schema={value} />
    </div>
  );
}

function Facts({ schema }: { schema: Schema }) {
  return (
    <>
      {limits_of(schema).map((limit) => <span key={limit} class="docs-limit">{limit}</span>)}
      {schema.enum && <span class="docs-words">{schema.enum.map((word) => <code key={word}>{word}</code>)}</span>}
    </>
  );
}

function Member({ name, given, required }: { name: string; given: Schema; required: boolean }) {
  const document = useContext(OpenDocument)!;
  const [open, set_open] = useState(false);
  const { value } = followed(document, 'schemas', given);
  const below = inside(document, given);
  // What is said of a name, as of every id and time, is not said again; the words that one can have are.
  const facts = value.type === 'array' && value.items ? followed(document, 'schemas', value.items).value : value;
  const is_name = (given.$ref ?? value.items?.$ref) !== undefined && !facts.enum;
  const words = given.description ?? (below || is_name ? undefined : value.description);
  return (
    <li class="docs-member">
      <div class="docs-member-line">
        {below ? (
          <button type="button" class="docs-open" aria-expanded={open} onClick={() => set_open(!open)}>
            <span class="docs-arrow" aria-hidden="true" />
            <code class="docs-name">{name}</code>
          </button>
        ) : (
          <span class="docs-open"><span class="docs-no-arrow" /><code class="docs-name">{name}</code></span>
        )}
        <span class="docs-type">{type_of(document, given)}</span>
        {required && <span class="docs-required">required</span>}
        {!below && !is_name && <Facts schema={facts} />}
      </div>
      {words && <div class="docs-member-words"><Words text={words} /></div>}
      {below && open && <div class="docs-below"><SchemaBody given={given} /></div>}
    </li>
  );
}
