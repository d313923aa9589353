// Loaded before the program (NODE_OPTIONS=--import): a fault of the kind that FAULT names, once the dashboard is open.
import { setTimeout } from 'node:timers';

const isOpen = () =>
  new Promise(resolve => {
    const write = process.stdout.write;
    process.stdout.write = function (text, ...rest) {
      if (String(text).includes('\x1b[?1049h')) setTimeout(resolve, 700);
      return write.call(this, text, ...rest);
    };
  });

const faults = {
  exception() {
    setTimeout(() => {
      throw new Error('thrown by nobody in particular');
    }, 0);
  },
  rejection() {
    void Promise.reject(new Error('rejected and not handled'));
  },
  /** The next frame cannot be made. */
  component() {
    const from = Array.from;
    Array.from = (source, ...rest) => {
      if (Object.keys(source).join() !== 'length') return from(source, ...rest);
      Array.from = from;
      throw new Error('a component is broken');
    };
  },
};

const fault = faults[process.env.FAULT];
if (fault !== undefined && process.argv[1]?.includes('synaudit')) void isOpen().then(fault);
