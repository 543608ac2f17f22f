// One operation: what it is for, what it takes, what it answers, and a line to try it.
import { useContext, useState } from 'preact/hooks';
import { curl_of, limits_of, type_of, followed, type Content, type Operation, type Parameter, type ShownAnswer } from './model';
import { Prose, Words } from './prose';
import { OpenDocument, SchemaBody } from './schema';

const roles: Record<string, string> = {
  open: 'no key', viewer: 'viewer', operator: 'operator', agent: 'agent or operator', own_record: 'viewer or the agent itself', admin: 'admin',
};

export function Method({ name }: { name: string }) {
  return <span class={`docs-method docs-${name.toLowerCase()}`}>{name}</span>;
}

/** Breaks between segments, never inside of one. */
export function Path({ value }: { value: string }) {
  return (
    <code class="docs-path">
      {value.split(/(?=\/)/).map((part, index) => (
        <span key={index}><wbr />{part.includes('{') ? <i>{part}</i> : part}</span>
      ))}
    </code>
  );
}

function Code({ text, name }: { text: string; name: string }) {
  const [copied, set_copied] = useState(false);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      set_copied(true);
      setTimeout(() => set_copied(false), 1_500);
    } catch {
      // Without leave to write there the text can still be selected.
    }
  };
  return (
    <div class="docs-code">
      <pre tabIndex={0} aria-label={name}>{text}</pre>
      <button type="button" class="button small docs-copy" onClick={copy}>
        {copied ? 'Copied' : 'Copy'}<span class="heard"> {name}</span>
      </button>
      <span class="heard" role="status">{copied ? `${name} copied` : ''}</span>
    </div>
  );
}

function Parameters({ list }: { list: Parameter[] }) {
  const document = useContext(OpenDocument)!;
  return (
    <ul class="docs-members docs-parameters">
      {list.map((each) => {
        const { value } = followed(document, 'schemas', each.schema);
        return (
          <li key={each.in + each.name} class="docs-member">
            <div class="docs-member-line">
              <code class="docs-name">{each.name}</code>
              <span class="docs-in">{each.in}</span>
              <span class="docs-type">{type_of(document, each.schema)}</span>
              {each.required && <span class="docs-required">required</span>}
              {limits_of(value).filter((limit) => !limit.startsWith('matches')).map((limit) => <span key={limit} class="docs-limit">{limit}</span>)}
            </div>
            {each.description && <div class="docs-member-words"><Words text={each.description} /></div>}
            {value.enum && <div class="docs-member-words docs-words">{value.enum.map((word) => <code key={word}>{word}</code>)}</div>}
          </li>
        );
      })}
    </ul>
  );
}

function Contents({ list, what }: { list: Content[]; what: string }) {
  const document = useContext(OpenDocument)!;
  const [chosen, choose] = useState(0);
  const [view, set_view] = useState<'schema' | 'example'>('schema');
  const shown = list[chosen];
  if (!shown) return null;
  return (
    <div>
      <div class="docs-choices">
        {list.length > 1 && list.map((each, index) => (
          <button key={each.type} type="button" class="button small" aria-pressed={index === chosen} onClick={() => choose(index)}>{each.type}</button>
        ))}
        {list.length === 1 && <span class="docs-type">{shown.type}{shown.schema ? `: ${type_of(document, shown.schema)}` : ''}</span>}
        {shown.example !== undefined && (
          <span class="docs-views" role="group" aria-label={`${what}: what to show`}>
            <button type="button" class="button small" aria-pressed={view === 'schema'} onClick={() => set_view('schema')}>Schema</button>
            <button type="button" class="button small" aria-pressed={view === 'example'} onClick={() => set_view('example')}>Example</button>
          </span>
        )}
      </div>
      {view === 'example' && shown.example !== undefined
        ? <Code text={JSON.stringify(shown.example, null, 2)} name={`example of ${what}`} />
        : shown.schema && <SchemaBody given={shown.schema} />}
    </div>
  );
}

function Answer({ answer, first }: { answer: ShownAnswer; first: boolean }) {
  const [open, set_open] = useState(first);
  const tone = answer.status.startsWith('2') || answer.status === '101' ? 'green' : answer.status === 'default' || answer.status.startsWith('3') ? 'grey' : 'orange';
  const more = answer.content.length > 0 || answer.headers.length > 0;
  return (
    <li class="docs-answer">
      <button type="button" class="docs-open" aria-expanded={more ? open : undefined} disabled={!more} onClick={() => set_open(!open)}>
        <span class={more ? 'docs-arrow' : 'docs-no-arrow'} aria-hidden="true" />
        <span class={`docs-status tone-${tone}`}>{answer.status}</span>
        <span class="docs-answer-words"><Words text={answer.description} /></span>
      </button>
      {more && open && (
        <div class="docs-below">
          {answer.headers.map((header) => (
            <p key={header.name} class="small"><code class="docs-name">{header.name}</code> <span class="soft"><Words text={header.description} /></span></p>
          ))}
          <Contents list={answer.content} what={`answer ${answer.status}`} />
        </div>
      )}
    </li>
  );
}

function Detail({ operation }: { operation: Operation }) {
  const first_good = operation.answers.find((answer) => answer.status.startsWith('2') && answer.content.length > 0)?.status;
  return (
    <div class="docs-detail">
      <Prose text={operation.description} />
      {operation.parameters.length > 0 && (
        <section aria-label="Parameters">
          <h4>Parameters</h4>
          <Parameters list={operation.parameters} />
        </section>
      )}
      {operation.body && (
        <section aria-label="Body">
          <h4>Body <span class="soft">{operation.body.required ? 'required' : 'may be left out'}{operation.body_limit ? `, at most ${operation.body_limit >> 20} MiB` : ''}</span></h4>
          <Contents list={operation.body.content} what="the body" />
        </section>
      )}
      <section aria-label="Answers">
        <h4>Answers</h4>
        <ul class="docs-answers">
          {operation.answers.map((answer) => <Answer key={answer.status} answer={answer} first={answer.status === first_good} />)}
        </ul>
      </section>
      {!operation.is_webhook && (
        <section aria-label="In a shell">
          <h4>In a shell</h4>
          <Code text={curl_of(operation, location.origin)} name="curl line" />
        </section>
      )}
    </div>
  );
}

export function OperationCard({ operation, open, on_toggle }: { operation: Operation; open: boolean; on_toggle: () => void }) {
  return (
    <article class="card docs-operation" id={operation.id}>
      <h3>
        <button type="button" class="docs-head" aria-expanded={open} onClick={on_toggle}>
          <Method name={operation.is_webhook ? 'HOOK' : operation.method} />
          <span class="docs-head-words">
            {operation.is_webhook ? <code class="docs-path">to your address</code> : <Path value={operation.path} />}
            <span class="docs-summary">{operation.summary}</span>
          </span>
          {operation.role && <span class={`docs-role docs-role-${operation.role}`}><span class="heard">Takes: </span>{roles[operation.role] ?? operation.role}</span>}
          <span class="docs-arrow" aria-hidden="true" />
        </button>
      </h3>
      {open && <Detail operation={operation} />}
    </article>
  );
}
