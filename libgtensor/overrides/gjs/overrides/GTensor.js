// SPDX-FileCopyrightText: 2026 The libgtensor authors
// SPDX-License-Identifier: LGPL-2.1-or-later

// GTensor for JavaScript: PyTorch's call forms with option objects, iteration, typed arrays and text indices over the plain
// bindings. Everything about operations is read from the op registry when an operation is first called; none is described here.
/* exported _init */

const {Gio, GLib, GObject} = imports.gi;

const NONE_INT = -(2 ** 63);
let GTensor, Tensor, Dtype;
let registry = null;

// -- the registry -------------------------------------------------------------------------------------------------

function split(text) {
    const parts = [];
    let depth = 0, start = 0;
    for (let i = 0; i <= text.length; i++) {
        if (i === text.length || (text[i] === ',' && depth === 0)) {
            parts.push(text.slice(start, i).trim());
            start = i + 1;
        }
        depth += '(['.includes(text[i]) - ')]'.includes(text[i]);
    }
    return parts.filter(part => part);
}

function literal(text) {
    const words = {None: null, True: true, False: false, inf: Infinity, '-inf': -Infinity};
    if (text in words)
        return words[text];
    return JSON.parse(text.replaceAll("'", '"').replace(/\((.*)\)/, '[$1]'));
}

// One row of the op table: its arguments, results and forms.
class Row {
    constructor(op) {
        this.op = op;
        this.name = op.get_name();
        this.isMethod = op.is_method();
    }

    get schema() {
        return this.op.get_schema();
    }

    parse() {
        if (this.args)
            return this;
        const [, args, result] = this.schema.match(/^\s*\w+\((.*)\)\s*->\s*(.+?)\s*$/s);
        let keywordOnly = false;
        this.args = [];
        for (const text of split(args)) {
            if (text === '*') {
                keywordOnly = true;
                continue;
            }
            const [, type, name, , fallback] = text.match(/^(\S+)\s+(\w+)\s*(=\s*(.*))?$/s);
            this.args.push({type, name, keywordOnly, required: fallback === undefined,
                fallback: fallback === undefined ? undefined : literal(fallback)});
        }
        this.results = result.startsWith('(') ? split(result.slice(1, -1)).map(text => text.split(/\s+/).at(-1)) : null;
        this.creates = this.args.some(arg => arg.type === 'Device?');
        this.forms = this.op.get_forms().map(text => {
            const [symbol, names] = text.split('|');
            const words = names.split(' ').filter(word => word);
            return {
                symbol,
                kind: symbol.endsWith('_out') ? 'out' : symbol.endsWith('_') && !this.name.endsWith('_') ? '_' : '',
                args: words.map(word => word.replace('=', '')),
                scalars: new Set(words.filter(word => word.endsWith('=')).map(word => word.slice(0, -1))),
            };
        }).sort((a, b) => a.args.length - b.args.length);
        return this;
    }

    invoke(form, values) {
        const [first, ...rest] = values;
        if (this.isMethod)
            return plain(Tensor.prototype, form.symbol).apply(first, rest);
        return plain(GTensor, form.symbol)(...values);
    }
}

function rows() {
    if (registry)
        return registry;
    registry = new Map();
    const ops = GTensor.Op.get_all();
    for (let i = 0, n = ops.get_n_items(); i < n; i++) {
        const row = new Row(ops.get_item(i));
        if (!registry.has(row.name))
            registry.set(row.name, []);
        registry.get(row.name).push(row);
    }
    return registry;
}

// The binding of the typelib, also where one of ours stands in front of it.
const bindings = new Map();

function plain(holder, symbol) {
    return bindings.get(holder)?.get(symbol) ?? holder[symbol];
}

// Puts one of ours in front of the binding of the same name.
function define(holder, name, value) {
    if (!bindings.has(holder))
        bindings.set(holder, new Map());
    if (name in holder && !bindings.get(holder).has(name))
        bindings.get(holder).set(name, holder[name]);
    holder[name] = value;
}

// -- calls --------------------------------------------------------------------------------------------------------

function isOptions(value) {
    return value !== null && typeof value === 'object' && [Object.prototype, null].includes(Object.getPrototypeOf(value));
}

function snakeCase(name) {
    return name.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`);
}

function camelCase(name) {
    return name.replace(/(?<=[a-zA-Z0-9])_([a-z0-9])/g, (_, letter) => letter.toUpperCase());
}

// A dtype from itself or its name; NONE if there is none of that name.
function dtypeFrom(value) {
    return typeof value === 'string' ? Dtype.from_name(value) : value;
}

function isNumber(value) {
    return typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint';
}

// Whether a value is acceptable for an argument of the schema.
function fits(type, value) {
    if (type.endsWith('?')) {
        if (value === null || value === undefined)
            return true;
        type = type.slice(0, -1);
    }
    switch (type) {
    case 'Tensor': return value instanceof Tensor;
    case 'Tensor|Scalar': return value instanceof Tensor || isNumber(value);
    case 'Tensor[]': return Array.isArray(value) && value.every(item => item instanceof Tensor);
    case 'Scalar': case 'float': return isNumber(value);
    case 'int': return Number.isInteger(value);
    case 'int[]': return Number.isInteger(value) || Array.isArray(value) && value.every(Number.isInteger);
    case 'bool': return typeof value === 'boolean';
    case 'str': return typeof value === 'string';
    case 'DType': return Number.isInteger(value) || typeof value === 'string' && dtypeFrom(value) !== Dtype.NONE;
    case 'Device': return typeof value === 'string' || value instanceof GTensor.Device;
    case 'Generator': return value instanceof GTensor.Generator;
    default: return false;
    }
}

// A value as the binding takes it.
function converted(type, value) {
    if (value === null || value === undefined)
        return {'DType?': Dtype.NONE, 'int?': NONE_INT, 'float?': NaN}[type] ?? null;
    if (type.startsWith('int[]') && !Array.isArray(value))
        return [value];
    if (type === 'Device?' && typeof value === 'string')
        return GTensor.Device.new(value);
    if (type.startsWith('DType'))
        return dtypeFrom(value);
    return value;
}

// The values of a row's arguments by name, or null where number, names or types do not fit.
function bind(row, positional, options) {
    const {args} = row.parse();
    const places = args.filter(arg => !arg.keywordOnly);
    const own = places.filter(arg => !(row.isMethod && arg.name === 'self'));
    if (own.length === 1 && own[0].type === 'int[]' && positional.length >= places.length && own[0] === places.at(-1) &&
        positional.slice(places.length - 1).every(Number.isInteger))
        positional = [...positional.slice(0, places.length - 1), positional.slice(places.length - 1)];
    if (positional.length > places.length)
        return null;
    const values = new Map(positional.map((value, i) => [places[i].name, value]));
    for (const [name, value] of Object.entries(options)) {
        const key = snakeCase(name);
        if (key === 'out' || key === 'requires_grad' && row.creates)
            continue;
        if (!args.some(arg => arg.name === key) || values.has(key))
            return null;
        values.set(key, value);
    }
    for (const arg of args) {
        if (!values.has(arg.name) && arg.required)
            return null;
        if (values.has(arg.name) && !fits(arg.type, values.get(arg.name)) && values.get(arg.name) !== arg.fallback)
            return null;
    }
    return values;
}

function describe(value) {
    return value === null || value === undefined ? String(value) : value.constructor?.name ?? typeof value;
}

// Calls the operation `name`: in place where `kind` is "_".
function call(name, kind, args) {
    const options = args.length && isOptions(args.at(-1)) ? args.at(-1) : {};
    const positional = options === args.at(-1) ? args.slice(0, -1) : args;
    const candidates = rows().get(name);
    for (const row of candidates) {
        const values = bind(row, positional, options);
        const its_kind = options.out ? 'out' : kind;
        const form = values && row.forms.find(candidate => candidate.kind === its_kind && row.args.every(arg =>
            (candidate.args.includes(arg.name) || !values.has(arg.name) || values.get(arg.name) === arg.fallback) &&
            (arg.type !== 'Tensor|Scalar' || candidate.scalars.has(arg.name) === isNumber(values.get(arg.name)))));
        if (!form)
            continue;
        const types = new Map(row.args.map(arg => [arg.name, arg]));
        const given = form.args.map(key => {
            const arg = types.get(key);
            return arg ? converted(arg.type, values.has(key) ? values.get(key) : arg.fallback) : options.out;
        });
        if (its_kind === 'out' && !form.args.includes('out'))
            given.push(...[options.out].flat());
        const result = row.invoke(form, given);
        if (its_kind === 'out')
            return options.out;
        if (row.results)
            return Object.assign(result, Object.fromEntries(row.results.map((key, i) => [key, result[i]])));
        return row.creates && (options.requiresGrad || options.requires_grad) ? result.requires_grad_(true) : result;
    }
    const got = [...positional.map(describe), ...Object.entries(options).map(([key, value]) => `${key}: ${describe(value)}`)];
    throw new TypeError(`${name}${kind}(): got (${got.join(', ')}), but expected one of:\n` +
        candidates.map(row => ` * ${row.schema}`).join('\n'));
}

// Also as JavaScript spells it: masked_fill is maskedFill, too.
function defineBoth(holder, name, value) {
    define(holder, name, value);
    const camel = camelCase(name);
    if (camel !== name)
        holder[camel] = value;
}

function defineOperations() {
    for (const [name, its_rows] of rows()) {
        defineBoth(GTensor, name, (...args) => call(name, '', args));
        if (!its_rows.some(row => row.isMethod))
            continue;
        defineBoth(Tensor.prototype, name, function (...args) {
            return call(name, '', [this, ...args]);
        });
        if (!rows().has(`${name}_`) && !name.endsWith('_') && its_rows[0].op.get_forms().some(form => form.startsWith(`${name}_|`))) {
            defineBoth(Tensor.prototype, `${name}_`, function (...args) {
                return call(name, '_', [this, ...args]);
            });
        }
    }
}

// -- data ---------------------------------------------------------------------------------------------------------

function arrayTypes() {
    return new Map([[Dtype.UINT8, Uint8Array], [Dtype.INT8, Int8Array], [Dtype.INT16, Int16Array], [Dtype.INT32, Int32Array],
        [Dtype.INT64, BigInt64Array], [Dtype.FLOAT32, Float32Array], [Dtype.FLOAT64, Float64Array]]);
}

function finish(tensor, {dtype, device, requiresGrad}) {
    dtype = dtypeFrom(dtype);
    if (dtype !== undefined && dtype !== tensor.get_dtype() || device)
        tensor = tensor.to({dtype: dtype ?? null, device: device ?? null});
    return requiresGrad ? tensor.requires_grad_(true) : tensor;
}

function sizesOf(data) {
    if (!Array.isArray(data) && !ArrayBuffer.isView(data))
        return [];
    const shape = [data.length, ...data.length ? sizesOf(data[0]) : []];
    for (const item of data) {
        const length = Array.isArray(item) || ArrayBuffer.isView(item) ? item.length : undefined;
        if (length !== shape[1])
            throw new RangeError(`expected sequence of length ${shape[1]} at dim 1 (got ${length})`);
    }
    return shape;
}

// A tensor of a number, or of nested arrays of numbers. Whole numbers make int64, unless `dtype` says otherwise.
function tensor(data, options = {}) {
    if (data instanceof Tensor)
        return finish(data.detach().clone(), options);
    const shape = sizesOf(data);
    const flat = [data].flat(Infinity).flatMap(item => ArrayBuffer.isView(item) ? [...item] : [item]);
    if (!flat.every(isNumber))
        throw new TypeError(`tensor(): expected numbers, got ${describe(flat.find(item => !isNumber(item)))}`);
    let dtype = dtypeFrom(options.dtype);
    if (dtype === Dtype.NONE)
        throw new TypeError(`tensor(): there is no dtype '${options.dtype}'`);
    if (dtype === undefined) {
        dtype = flat.length && flat.every(item => typeof item === 'boolean') ? Dtype.BOOL
            : flat.length && flat.every(item => typeof item !== 'number' || Number.isInteger(item)) ? Dtype.INT64
                : GTensor.get_default_dtype();
    }
    const made = Tensor.new_from_doubles(flat.map(Number), dtype, shape);
    return finish(made, {...options, dtype});
}

// A tensor with a copy of a typed array's elements.
function fromTypedArray(array, options = {}) {
    const dtype = [...arrayTypes()].find(([, type]) => array instanceof type)?.[0] ??
        (array instanceof Uint8ClampedArray ? Dtype.UINT8 : null);
    if (dtype === null)
        throw new TypeError(`fromTypedArray(): ${describe(array)} has no dtype`);
    const bytes = new GLib.Bytes(new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
    return finish(Tensor.new_from_bytes(bytes, dtype, options.shape ?? [array.length]), options);
}

function toTypedArray() {
    const dtype = this.get_dtype();
    if (dtype === Dtype.FLOAT16 || dtype === Dtype.BFLOAT16)
        return toTypedArray.call(this.to({dtype: Dtype.FLOAT32}));
    const data = Uint8Array.from(this.detach().get_bytes().toArray());
    const type = dtype === Dtype.BOOL ? Uint8Array : arrayTypes().get(dtype);
    return new type(data.buffer);
}

function toArray() {
    const shape = this.get_shape();
    if (!shape.length)
        return this.item();
    const dtype = this.get_dtype();
    let flat = [...this.toTypedArray()];
    if (dtype === Dtype.INT64)
        flat = flat.map(Number);
    if (dtype === Dtype.BOOL)
        flat = flat.map(Boolean);
    for (let i = shape.length - 1; i > 0; i--) {
        const count = shape.slice(0, i).reduce((a, b) => a * b, 1);
        flat = Array.from({length: count}, (_, j) => flat.slice(j * shape[i], (j + 1) * shape[i]));
    }
    return flat;
}

// The text and the tensors of an index.
function indexing([index, ...rest]) {
    if (typeof index === 'string')
        return [index, rest];
    const parts = [index, ...rest];
    return [parts.map(part => part instanceof Tensor ? '?' : part === null ? 'None' : String(part)).join(', '),
        parts.filter(part => part instanceof Tensor)];
}

function defineTensor() {
    const getItem = plain(Tensor.prototype, 'get_item'), setItem = plain(Tensor.prototype, 'set_item');
    const setItemScalar = plain(Tensor.prototype, 'set_item_scalar'), item = plain(Tensor.prototype, 'item');
    const methods = {
        toString() {
            return this.to_string();
        },
        toTypedArray,
        toArray,
        // at(':, 1'), at('0, ?', indices): as one writes between Python's brackets; also at(0, 1), at(mask)
        at(...indices) {
            return getItem.call(this, ...indexing(indices));
        },
        setAt(index, value, ...tensors) {
            const place = indexing([index, ...tensors]);
            if (isNumber(value))
                setItemScalar.call(this, ...place, value);
            else
                setItem.call(this, ...place, value instanceof Tensor ? value : tensor(value, {dtype: this.get_dtype()}));
            return this;
        },
        item() {
            if (this.numel() !== 1)
                throw new TypeError(`a Tensor with ${this.numel()} elements cannot be converted to Scalar`);
            return [item.call(this)].flat().at(-1);
        },
        toJSON: toArray,
        // Arithmetic in JavaScript itself wants the element, everything else the text
        [Symbol.toPrimitive](hint) {
            return hint === 'number' ? this.item() : this.toString();
        },
        * [Symbol.iterator]() {
            if (this.dim() === 0)
                throw new TypeError('iteration over a 0-d tensor');
            yield* this.unbind(0);
        },
        registerHook(hook) {
            return handle(this, this.add_hook(guarded(hook)));
        },
    };
    for (const name of Reflect.ownKeys(methods))
        define(Tensor.prototype, name, methods[name]);
    const requiresGrad = plain(Tensor.prototype, 'requires_grad_');
    define(Tensor.prototype, 'requires_grad_', function (value = true) {
        return requiresGrad.call(this, value);
    });
    const accessors = {
        shape: 'get_shape', dtype: 'get_dtype', device: 'get_device', ndim: 'dim', data: 'detach', gradFn: 'get_grad_fn',
        grad_fn: 'get_grad_fn', isLeaf: 'is_leaf',
    };
    for (const [name, getter] of Object.entries(accessors)) {
        Object.defineProperty(Tensor.prototype, name, {configurable: true, get() {
            return this[getter]();
        }});
    }
    GTensor.Device.prototype.toString = GTensor.Device.prototype.to_string;
}

// -- autograd -----------------------------------------------------------------------------------------------------

function flags({retainGraph, createGraph, allowUnused} = {}) {
    const {BackwardFlags} = GTensor;
    return (retainGraph ? BackwardFlags.RETAIN_GRAPH : 0) | (createGraph ? BackwardFlags.CREATE_GRAPH : 0) |
        (allowUnused ? BackwardFlags.ALLOW_UNUSED : 0);
}

function withMode(enabled) {
    return callback => {
        const previous = GTensor.set_grad_enabled(enabled);
        try {
            return callback();
        } finally {
            GTensor.set_grad_enabled(previous);
        }
    };
}

// Arrays cannot hold null on their way to C: for no gradient stand zeros like another tensor, or, where none is asked for,
// any tensor.
function filled(grads, like) {
    return grads?.map((grad, i) => grad ?? (like(i) ? GTensor.zeros_like(like(i)) : GTensor.zeros([]))) ?? null;
}

// A differentiable operation of the user's: a class with the static methods forward(ctx, ...) and backward(ctx, ...grads),
// used as Class.apply(...). `ctx` is the node of this one application.
function defineFunction() {
    const {Function: Base} = GTensor;
    const apply = Base.prototype.apply, save = Base.prototype.save_for_backward;
    const Context = GObject.registerClass({GTypeName: 'GTensorJavaScriptFunction'}, class extends Base {
        vfunc_forward(inputs) {
            const args = [...this._args];
            inputs.forEach((input, i) => (args[this._positions[i]] = input));
            const outputs = this._function.forward(this, ...args);
            this._single = outputs instanceof Tensor;
            return [outputs].flat();
        }

        vfunc_backward(grads) {
            const result = [this._function.backward(this, ...grads)].flat();
            return filled(this._positions.map(position => result[position]),
                i => this.needs_input_grad(i) ? this._args[this._positions[i]] : null);
        }

        saveForBackward(...tensors) {
            save.call(this, tensors);
        }

        get savedTensors() {
            return this.get_saved_tensors();
        }

        get needsInputGrad() {
            return this._args.map((_, i) => this._positions.includes(i) && this.needs_input_grad(this._positions.indexOf(i)));
        }
    });
    Object.defineProperty(Base, 'apply', {configurable: true, value(...args) {
        const context = new Context();
        context.set_name(`${this.name}Backward`);
        Object.assign(context, {_function: this, _args: args, _positions: [...args.keys()].filter(i => args[i] instanceof Tensor)});
        const outputs = apply.call(context, context._positions.map(i => args[i]));
        return context._single ? outputs[0] : outputs;
    }});
}

// What a hook threw, which cannot pass through C: the call that ran the pass throws it.
let thrown = null;

function guarded(hook) {
    return (...grads) => {
        try {
            return hook(...grads) ?? null;
        } catch (error) {
            thrown ??= error;
            return null;
        }
    };
}

function handle(holder, id) {
    return {remove: () => holder.remove_hook(id)};
}

function throwing(call) {
    return function (...args) {
        let result;
        try {
            result = call.apply(this, args);
        } catch (error) {
            thrown ??= error;
        }
        const error = thrown;
        thrown = null;
        if (error !== null)
            throw error;
        return result;
    };
}

function defineAutograd() {
    const backward = plain(Tensor.prototype, 'backward'), {Backward, Node} = GTensor;
    define(Tensor.prototype, 'backward', function (gradient = null, options = {}) {
        if (isOptions(gradient))
            [gradient, options] = [gradient.gradient ?? null, gradient];
        throwing(backward).call(this, gradient, flags(options));
    });
    for (const name of ['step', 'run', 'run_to'])
        define(Backward.prototype, name, throwing(Backward.prototype[name]));
    const create = Backward.new;
    Backward.new = (root, gradient = null, options = {}) =>
        create(root, gradient, typeof options === 'number' ? options : flags(options));
    Backward.prototype[Symbol.iterator] = function* () {
        while (this.step())
            yield this.get_node();
    };
    Object.defineProperty(Node.prototype, 'name', {configurable: true, get() {
        return this.get_name();
    }});
    Node.prototype.registerHook = function (hook) {
        return handle(this, this.add_hook(guarded((inputs, outputs) =>
            filled(hook(inputs, outputs), i => inputs[i]))));
    };
    Node.prototype.registerPrehook = function (hook) {
        return handle(this, this.add_prehook(guarded(outputs =>
            filled(hook(outputs), i => outputs[i] ?? GTensor.zeros(this.get_output_shape(i), {dtype: this.get_output_dtype(i)})))));
    };
    Node.prototype.toString = function () {
        return `<${this.get_name()}>`;
    };
    Object.defineProperty(Node.prototype, 'nextFunctions', {configurable: true, get() {
        return Array.from({length: this.get_n_inputs()}, (_, i) => this.get_next_function(i));
    }});
    const grad = throwing(GTensor.autograd_grad);
    GTensor.grad = (outputs, inputs, options = {}) =>
        grad([outputs].flat(), [inputs].flat(), [options.gradOutputs ?? []].flat(), flags(options));
    const noGrad = withMode(false), enableGrad = withMode(true);
    Object.assign(GTensor, {noGrad, enableGrad, no_grad: noGrad, enable_grad: enableGrad});
    defineFunction();
}

// The innermost frame that is the program's own, "name@file:line:column" as the engine writes it. The library asks while an
// inspector is attached, and not otherwise.
function site() {
    for (const frame of new Error().stack.split('\n')) {
        const [, name, file, line] = frame.match(/^(.*?)@(.*):(\d+):\d+$/) ?? [];
        if (file !== undefined && !file.endsWith('overrides/GTensor.js') && !file.startsWith('resource:'))
            return `${file.replace(/^file:\/\//, '')}:${line} ${name.replace(/[/<]+$/, '')}`.trimEnd();
    }
    return null;
}

// -- CUDA ---------------------------------------------------------------------------------------------------------

// PyTorch's torch.cuda; what takes a device takes it as an object, by name or by index, and the current one where none is given.
function cudaNamespace() {
    const {Device, Stream, Event, CudaGraph} = GTensor;
    const find = (device = 'cuda') => device instanceof Device ? device : Device.new(Number.isInteger(device) ? `cuda:${device}` : device);
    const all = () => Array.from({length: GTensor.cuda_device_count()}, (_, i) => find(i));
    const stats = device => GTensor.cuda_is_available() ? find(device).get_memory_stats().recursiveUnpack() : {};
    const stat = name => device => stats(device)[name] ?? 0;
    const setDevice = device => GTensor.cuda_set_device(Number.isInteger(device) ? device : find(device).get_index());
    const withStream = (stream, callback) => {
        const index = GTensor.cuda_current_device(), outer = Stream.get_current(stream.get_device());
        setDevice(stream.get_device());
        stream.make_current();
        try {
            return callback();
        } finally {
            outer.make_current();
            setDevice(index);
        }
    };
    // Captures in the graph what the callback does, on a stream of its own; gives back what it returns.
    const capture = (graph, callback, {sharesMemory = null, stream = Stream.new(null, 0)} = {}) => {
        find().synchronize();
        return withStream(stream, () => {
            graph.capture_begin(sharesMemory);
            try {
                return callback();
            } finally {
                graph.capture_end();
            }
        });
    };
    const members = {
        is_available: GTensor.cuda_is_available, is_emulated: GTensor.cuda_is_emulated, device_count: GTensor.cuda_device_count,
        current_device: () => find().get_index(), set_device: setDevice,
        get_device_properties: device => find(device).get_properties().recursiveUnpack(),
        get_device_name: device => find(device).get_description(),
        synchronize: device => find(device).synchronize(),
        memory_stats: stats, memory_allocated: stat('allocated_bytes.all.current'),
        max_memory_allocated: stat('allocated_bytes.all.peak'), memory_reserved: stat('reserved_bytes.all.current'),
        mem_get_info: device => find(device).get_memory_info().slice(-2),
        reset_peak_memory_stats: device => find(device).reset_peak_memory(),
        empty_cache: () => all().forEach(device => device.trim()),
        current_stream: device => Stream.get_current(find(device)), default_stream: device => Stream.get_default(find(device)),
        stream: withStream, graph: capture,
        is_current_stream_capturing: GTensor.cuda_is_current_stream_capturing,
        manual_seed: seed => all().length && find().get_default_generator().manual_seed(seed),
        manual_seed_all: seed => all().forEach(device => device.get_default_generator().manual_seed(seed)),
    };
    const made = {};
    for (const [name, member] of Object.entries(members))
        defineBoth(made, name, member);
    return Object.assign(made, {Stream, Event, CudaGraph, CUDAGraph: CudaGraph});
}

// Methods whose arguments are optional here.
function defineCuda() {
    const {Event} = GTensor, record = Event.prototype.record, wait = Event.prototype.wait;
    define(Event.prototype, 'record', function (stream = null) {
        return record.call(this, stream);
    });
    define(Event.prototype, 'wait', function (stream = null) {
        return wait.call(this, stream);
    });
    defineBoth(Tensor.prototype, 'pin_memory', Tensor.prototype.pin_memory);
    defineBoth(Tensor.prototype, 'is_pinned', Tensor.prototype.is_pinned);
    define(Tensor.prototype, 'cpu', function () {
        return this.to({device: 'cpu'});
    });
    define(Tensor.prototype, 'cuda', function (device = 'cuda', options = {}) {
        return this.to({device, ...options});
    });
}

// Names below another are the flat ones without their prefix. What linalg and fft share with the plain names means
// something else there; the others have these, too.
function defineNamespaces() {
    const space = (prefix, above) => {
        const made = Object.create(above);
        for (const name of rows().keys()) {
            if (name.startsWith(prefix))
                defineBoth(made, name.slice(prefix.length), GTensor[name]);
        }
        return made;
    };
    const {grad, noGrad, enableGrad, no_grad, enable_grad, Function} = GTensor;
    Object.assign(GTensor, {
        linalg: space('linalg_', null), fft: space('fft_', null), special: space('special_', GTensor),
        nn: {functional: Object.create(GTensor)}, cuda: cudaNamespace(),
        autograd: {grad, noGrad, enableGrad, no_grad, enable_grad, Function},
    });
}

function _init() {
    GTensor = this;
    ({Tensor, Dtype} = GTensor);
    defineOperations();
    defineTensor();
    defineAutograd();
    defineCuda();
    defineNamespaces();
    GTensor.Node.set_site_function(false, site);
    Object.assign(GTensor, {tensor, fromTypedArray});
    const manualSeed = GTensor.manual_seed;
    GTensor.manualSeed = seed => manualSeed(seed);
    for (const [name, value] of Object.entries(Dtype)) {
        if (Number.isInteger(value) && value !== Dtype.NONE)
            Object.defineProperty(GTensor, name.toLowerCase(), {value, configurable: true});
    }
}
