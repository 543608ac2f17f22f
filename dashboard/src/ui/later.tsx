// Parts of the page that come when they are looked at first, so that the page itself is there sooner.
import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';

/** A component that is fetched when it is first shown; `load` imports it. */
export function later<P extends object>(load: () => Promise<ComponentType<P>>): ComponentType<P> {
  let loaded: ComponentType<P> | undefined;
  return function Later(props: P) {
    const [, shown] = useState(loaded !== undefined);
    const [failed, set_failed] = useState(false);
    useEffect(() => {
      if (loaded) return;
      let wanted = true;
      load().then(
        (found) => {
          loaded = found;
          if (wanted) shown(true);
        },
        () => wanted && set_failed(true),
      );
      return () => {
        wanted = false;
      };
    }, []);
    if (loaded) {
      const Loaded = loaded;
      return <Loaded {...props} />;
    }
    if (!failed) return <div class="empty" aria-busy="true">Opening…</div>;
    return (
      <div class="empty" role="alert">
        <p>This part of the page could not be fetched. The server may have been renewed meanwhile.</p>
        <p><button type="button" class="button" onClick={() => location.reload()}>Load the page again</button></p>
      </div>
    );
  };
}
