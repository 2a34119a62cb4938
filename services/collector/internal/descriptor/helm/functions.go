package helm

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/Masterminds/sprig/v3"
	"sigs.k8s.io/yaml"
)

// Bounds of what templates may do. They end what is merely wasteful in good time and by name; what loops without calling any
// function, or doubles itself through include, is ended with its process.
const (
	maxCalls    = 1_000_000
	maxText     = 1 << 20   // bytes that one function returns
	maxArgument = 4 << 20   // bytes that a function that walks its arguments may see
	maxNodes    = 200_000   // likewise, in values
	maxItems    = 10_000    // of a list that a function makes
	maxProduced = 256 << 20 // bytes that all functions return
)

// errTooMuch is returned by a template's function that would make more than is read.
var errTooMuch = errors.New("the template makes more than is read")

// A meter counts what the functions of one chart do. Templates run one after another, so nothing guards it.
type meter struct {
	ctx      context.Context
	calls    int
	produced int
}

// call counts a call.
func (m *meter) call() error {
	if m.calls++; m.calls > maxCalls {
		return errTooMuch
	}
	return m.ctx.Err()
}

// made counts a result.
func (m *meter) made(v reflect.Value) error {
	switch {
	case v.Kind() == reflect.String:
		m.produced += v.Len()
		if v.Len() > maxText || m.produced > maxProduced {
			return errTooMuch
		}
	case v.Kind() == reflect.Slice && v.Len() > maxItems && v.Type().Elem().Kind() != reflect.Uint8:
		return errTooMuch
	}
	return nil
}

// fixed replace functions whose results differ from run to run, or cost seconds: a fact must not depend on either.
var fixed = map[string]any{
	"now":                      func() time.Time { return time.Unix(0, 0).UTC() },
	"ago":                      func(any) string { return "0s" },
	"uuidv4":                   func() string { return "00000000-0000-0000-0000-000000000000" },
	"randAlphaNum":             placeholder,
	"randAlpha":                placeholder,
	"randAscii":                placeholder,
	"randNumeric":              func(n int) string { return strings.Repeat("0", max(0, min(n, 256))) },
	"randBytes":                func(n int) (string, error) { return placeholder(n), nil },
	"randInt":                  func(low, _ int) int { return low },
	"shuffle":                  func(s string) string { return s },
	"bcrypt":                   func(string) string { return placeholder(60) },
	"htpasswd":                 func(user, _ string) string { return user + ":" + placeholder(60) },
	"derivePassword":           func(...any) string { return placeholder(16) },
	"genPrivateKey":            func(string) string { return placeholder(64) },
	"genCA":                    certificate,
	"genCAWithKey":             certificate,
	"genSelfSignedCert":        certificate,
	"genSelfSignedCertWithKey": certificate,
	"genSignedCert":            certificate,
	"genSignedCertWithKey":     certificate,
	"buildCustomCert":          certificate,
	"encryptAES":               func(_, _ string) (string, error) { return placeholder(32), nil },
	"decryptAES":               func(_, _ string) (string, error) { return "", nil },
}

// placeholder stands for something random of a length.
func placeholder(n int) string { return strings.Repeat("x", max(0, min(n, 256))) }

// certificate stands for a key and its certificate.
func certificate(...any) map[string]string {
	return map[string]string{"Cert": placeholder(64), "Key": placeholder(64)}
}

// theirs are the functions that the engine makes itself, or takes away.
var theirs = []string{
	"env", "expandenv", "getHostByName", "fail", "include", "tpl", "required", "lookup",
	"fromJson", "mustFromJson", "fromYaml", "fromYamlArray", "fromJsonArray",
}

// walkers walk everything that they are given: lists that hold one another twice make that exponential.
var walkers = []string{
	"toJson", "mustToJson", "toPrettyJson", "mustToPrettyJson", "toRawJson", "mustToRawJson", "toYaml", "mustToYaml", "toYamlPretty",
	"deepCopy", "mustDeepCopy", "deepEqual", "quote", "squote", "cat", "join", "toString", "toStrings", "print", "println", "printf",
	"merge", "mergeOverwrite", "mustMerge", "mustMergeOverwrite", "sortAlpha", "uniq", "mustUniq", "has", "mustHas", "without", "mustWithout",
	"concat", "typeIsLike", "regexReplaceAll", "mustRegexReplaceAll", "regexReplaceAllLiteral", "mustRegexReplaceAllLiteral", "replace",
}

// growers are the functions whose result is a product of their arguments.
var growers = map[string]func(args []reflect.Value) int{
	"repeat":    func(a []reflect.Value) int { return product(a[0].Int(), int64(a[1].Len())) },
	"indent":    func(a []reflect.Value) int { return product(a[0].Int(), int64(strings.Count(a[1].String(), "\n")+1)) },
	"nindent":   func(a []reflect.Value) int { return product(a[0].Int(), int64(strings.Count(a[1].String(), "\n")+1)) },
	"until":     func(a []reflect.Value) int { return product(a[0].Int(), maxText/maxItems) },
	"untilStep": steps,
	"replace": func(a []reflect.Value) int {
		return product(int64(a[1].Len()), int64(strings.Count(a[2].String(), a[0].String())))
	},
	"regexReplaceAll":            func(a []reflect.Value) int { return product(int64(a[1].Len()+1), int64(a[2].Len()+1)) / 64 },
	"mustRegexReplaceAll":        func(a []reflect.Value) int { return product(int64(a[1].Len()+1), int64(a[2].Len()+1)) / 64 },
	"regexReplaceAllLiteral":     func(a []reflect.Value) int { return product(int64(a[1].Len()+1), int64(a[2].Len()+1)) / 64 },
	"mustRegexReplaceAllLiteral": func(a []reflect.Value) int { return product(int64(a[1].Len()+1), int64(a[2].Len()+1)) / 64 },
	"wrapWith":                   func(a []reflect.Value) int { return product(int64(a[1].Len()+1), int64(a[2].Len()+1)) / 64 },
}

// product multiplies without overflow.
func product(a, b int64) int {
	const most = 1 << 30
	if a < 0 {
		a = -a
	}
	if a > most || b > most || a*b > most {
		return most
	}
	return int(a * b)
}

// steps is the length of a list of numbers, on the scale of a text.
func steps(a []reflect.Value) int {
	start, stop, step := a[0].Int(), a[1].Int(), a[2].Int()
	if step == 0 {
		return maxText + 1
	}
	return product((stop-start)/step, maxText/maxItems)
}

// functions are the templates' functions with bounds. Those that the engine adds later (include, tpl) cannot be bounded here.
func functions(ctx context.Context) map[string]any {
	m := &meter{ctx: ctx}
	all := map[string]any(sprig.TxtFuncMap())
	all["print"], all["println"], all["printf"] = sprint, sprintln, sprintf
	all["toYaml"] = func(v any) string {
		data, err := yaml.Marshal(v)
		if err != nil {
			return ""
		}
		return strings.TrimSuffix(string(data), "\n")
	}
	all["toJson"] = func(v any) string {
		data, err := json.Marshal(v)
		if err != nil {
			return ""
		}
		return string(data)
	}
	all["seq"] = boundedSequence(all["seq"].(func(...int) string))
	maps.Copy(all, fixed)
	for _, name := range theirs {
		delete(all, name)
	}
	for name, f := range all {
		all[name] = m.bound(name, f)
	}
	return all
}

// boundedSequence refuses long sequences before they are written.
func boundedSequence(seq func(...int) string) func(...int) (string, error) {
	return func(numbers ...int) (string, error) {
		for _, n := range numbers {
			if n > maxItems || n < -maxItems {
				return "", errTooMuch
			}
		}
		return seq(numbers...), nil
	}
}

// bound makes a function count, and fail where it would do too much.
func (m *meter) bound(name string, f any) any {
	inner := reflect.ValueOf(f)
	t := inner.Type()
	failure := reflect.TypeFor[error]()
	in := make([]reflect.Type, t.NumIn())
	for i := range in {
		in[i] = t.In(i)
	}
	grows, walks := growers[name], slices.Contains(walkers, name)
	outer := reflect.FuncOf(in, []reflect.Type{t.Out(0), failure}, t.IsVariadic())
	return reflect.MakeFunc(outer, func(args []reflect.Value) []reflect.Value {
		fail := func(err error) []reflect.Value {
			return []reflect.Value{reflect.Zero(t.Out(0)), reflect.ValueOf(&err).Elem()}
		}
		if err := m.call(); err != nil {
			return fail(err)
		}
		if grows != nil && grows(args) > maxText {
			return fail(errTooMuch)
		}
		if walks && !small(args) {
			return fail(errTooMuch)
		}
		var out []reflect.Value
		if t.IsVariadic() {
			out = inner.CallSlice(args)
		} else {
			out = inner.Call(args)
		}
		if len(out) == 2 && !out[1].IsNil() {
			return out
		}
		if err := m.made(out[0]); err != nil {
			return fail(err)
		}
		return []reflect.Value{out[0], reflect.Zero(failure)}
	}).Interface()
}

// small reports whether walking values ends soon. It walks itself, and stops where it does not.
func small(values []reflect.Value) bool {
	bytes, nodes := maxArgument, maxNodes
	var walk func(v reflect.Value, depth int) bool
	walk = func(v reflect.Value, depth int) bool {
		if nodes--; nodes < 0 || depth > 500 {
			return false
		}
		switch v.Kind() {
		case reflect.Interface, reflect.Pointer:
			return v.IsNil() || walk(v.Elem(), depth+1)
		case reflect.String:
			bytes -= v.Len()
		case reflect.Slice, reflect.Array:
			if v.Type().Elem().Kind() == reflect.Uint8 {
				bytes -= v.Len()
				break
			}
			for i := range v.Len() {
				if !walk(v.Index(i), depth+1) {
					return false
				}
			}
		case reflect.Map:
			for each := v.MapRange(); each.Next(); {
				if !walk(each.Key(), depth+1) || !walk(each.Value(), depth+1) {
					return false
				}
			}
		default:
		}
		return bytes >= 0
	}
	return !slices.ContainsFunc(values, func(v reflect.Value) bool { return !walk(v, 0) })
}

// The language's own printing functions, which count like all others when they are named.
func sprint(args ...any) string { return fmt.Sprint(args...) }

func sprintln(args ...any) string { return fmt.Sprintln(args...) }

func sprintf(format string, args ...any) string { return fmt.Sprintf(format, args...) }
