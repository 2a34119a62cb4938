package browser

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"proviso.dev/test/harness"
)

// patience bounds every wait for the page.
const patience = 30 * time.Second

//go:embed testdata/axe/axe.min.js
var axe string

// errNoBrowser is returned when the machine has no browser to test with.
var errNoBrowser = errors.New("no chromium on this machine; Debian's package chromium has it")

// A chromium is the browser of all tests.
type chromium struct {
	ctx  context.Context
	stop func()
}

// shared starts the browser for the first test that needs it.
var shared = sync.OnceValues(func() (*chromium, error) {
	path, err := exec.LookPath("chromium")
	if err != nil {
		return nil, errNoBrowser
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox)
	allocator, stopAllocator := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, stop := chromedp.NewContext(allocator)
	if err := chromedp.Do(ctx); err != nil {
		stopAllocator()
		return nil, fmt.Errorf("start chromium: %w", err)
	}
	return &chromium{ctx: ctx, stop: func() { stop(); stopAllocator() }}, nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	if c, err := shared(); err == nil {
		c.stop()
	}
	os.Exit(code)
}

// browser returns the browser's context, or skips the test when the machine has none.
func browser(t *testing.T) context.Context {
	t.Helper()
	c, err := shared()
	if errors.Is(err, errNoBrowser) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return c.ctx
}

// A tab is one tab of the browser, with cookies and storage of its own.
type tab struct {
	t    *testing.T
	ctx  context.Context
	site *site

	mu     sync.Mutex // guards faults
	faults []string   // errors of scripts and requests that left the gateway
}

// open opens the page in a language. At the test's end it has had no script error, no foreign request and no violation of its
// policy.
func (s *site) open(t *testing.T, language string) *tab {
	t.Helper()
	ctx, cancel := chromedp.NewContext(browser(t), chromedp.WithNewBrowserContext())
	t.Cleanup(cancel)
	ctx, stop := context.WithTimeout(ctx, 2*time.Minute)
	t.Cleanup(stop)
	b := &tab{t: t, ctx: ctx, site: s}
	own, err := url.Parse(s.url)
	if err != nil {
		t.Fatal(err)
	}
	b.do(command(network.Enable, network.EnableParams{}), command(runtime.Enable, cdp.Empty{}))
	if err := chromedp.Listen(ctx, func(event any) {
		switch e := event.(type) {
		case *network.EventRequestWillBeSent:
			if u, err := url.Parse(e.Request.URL); err == nil && u.Host != own.Host && u.Scheme != "data" && u.Scheme != "blob" {
				b.fault("request to another host: " + e.Request.URL)
			}
		case *runtime.EventExceptionThrown:
			b.fault("exception: " + e.ExceptionDetails.Text + " " + describe(e.ExceptionDetails.Exception))
		case *runtime.EventConsoleAPICalled:
			if e.Type == runtime.ConsoleAPICalledTypeError {
				b.fault("console error: " + describe(e.Args...))
			}
		}
	}); err != nil {
		t.Fatal(err)
	}
	b.language(language)
	b.do(chromedp.EmulateViewport(1120, 800))
	b.visit("/")
	t.Cleanup(b.check)
	return b
}

func (b *tab) fault(text string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.faults = append(b.faults, text)
}

func (b *tab) check() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, f := range b.faults {
		b.t.Error(f)
	}
}

// command is a command of the browser's protocol as a step.
func command[P any](c cdp.Command[P, cdp.Empty], params P) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Call(ctx, c, params)
		return err
	})
}

func describe(objects ...*runtime.RemoteObject) string {
	var out []string
	for _, o := range objects {
		if o != nil {
			out = append(out, o.Description+string(o.Value))
		}
	}
	return strings.Join(out, " ")
}

func (b *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, steps...); err != nil {
		b.t.Fatal(err)
	}
}

func (b *tab) language(lang string) {
	b.t.Helper()
	b.do(command(network.SetExtraHTTPHeaders, network.SetExtraHTTPHeadersParams{Headers: network.Headers{"Accept-Language": lang}}))
}

func (b *tab) visit(path string) {
	b.t.Helper()
	b.do(chromedp.Navigate(b.site.url + path))
}

// theme sets what the system prefers, "light" or "dark".
func (b *tab) theme(name string) {
	b.t.Helper()
	b.do(command(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: name}},
	}))
}

// wait waits until an expression is true in the page.
func (b *tab) wait(what, expression string) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	for {
		ok, err := chromedp.Run(ctx, chromedp.Evaluate[bool]("!!("+expression+")"))
		if ok {
			return
		}
		if ctx.Err() != nil {
			b.shoot("failed")
			text, _ := chromedp.Run(b.ctx, chromedp.Evaluate[string]("document.body.innerText"))
			b.t.Fatalf("waited in vain for %s (%v); the page says:\n%s", what, err, text)
		}
		select {
		case <-ctx.Done():
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// eval returns the value of an expression.
func eval[T any](b *tab, expression string) T {
	b.t.Helper()
	v, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		b.t.Fatalf("%s: %v", expression, err)
	}
	return v
}

// module hands one of the page's own modules to a function and returns what that makes of it.
func (b *tab) module(name, function string) []string {
	b.t.Helper()
	v, err := chromedp.Run(b.ctx, chromedp.Evaluate[[]string](fmt.Sprintf(
		"import(document.querySelector('script[src]').src.replace('app.js', %q)).then(%s)", name, function), chromedp.EvalAwaitPromise))
	if err != nil {
		b.t.Fatalf("%s: %v", name, err)
	}
	return v
}

// ask sends a request as a person does: by keyboard.
func (b *tab) ask(text string) {
	b.t.Helper()
	b.wait("the request box", "!document.getElementById('composer-bar').hidden")
	b.do(chromedp.SendKeys("#composer-text", text+"\r"))
}

// press clicks what a selector names, by the element's own click, wherever it is on the page.
func (b *tab) press(selector string) {
	b.t.Helper()
	quoted, err := json.Marshal(selector)
	if err != nil {
		b.t.Fatal(err)
	}
	b.wait(selector, fmt.Sprintf("document.querySelector(%s)", quoted))
	eval[bool](b, fmt.Sprintf("(e => { e.focus(); e.click(); return true })(document.querySelector(%s))", quoted))
}

// accessible runs axe on the page as it is, in both themes.
func (b *tab) accessible(state string) {
	b.t.Helper()
	eval[bool](b, axe+"; true") // by the debugger, which the page's policy does not bind
	for _, theme := range []string{"light", "dark"} {
		b.theme(theme)
		found, err := chromedp.Run(b.ctx, chromedp.Evaluate[[]struct {
			ID    string
			Help  string
			Nodes []string
		}](`axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']}).then(
			(r) => r.violations.map((v) => ({ID: v.id, Help: v.help, Nodes: v.nodes.map((n) => n.html.slice(0, 200) + ' | ' + n.failureSummary)})))`,
			chromedp.EvalAwaitPromise))
		if err != nil {
			b.t.Fatalf("axe: %v", err)
		}
		for _, v := range found {
			b.t.Errorf("%s, %s: %s: %s\n%s", state, theme, v.ID, v.Help, strings.Join(v.Nodes, "\n"))
		}
	}
	b.theme("light")
}

// shoot keeps a picture of the whole page for the eye.
func (b *tab) shoot(name string) {
	b.t.Helper()
	dir := filepath.Join(harness.Root(b.t), ".build", "screenshots")
	// A window as tall as the page: what sticks to the window's edges must not lie over the middle.
	width := eval[int64](b, "innerWidth")
	b.do(chromedp.EmulateViewport(width, 400), chromedp.EmulateViewport(width, max(640, eval[int64](b, "document.documentElement.scrollHeight"))))
	_, err := chromedp.Run(b.ctx, chromedp.Evaluate[bool]("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))", chromedp.EvalAwaitPromise))
	if err != nil {
		b.t.Fatalf("wait until the page is painted: %v", err)
	}
	picture, err := chromedp.Run(b.ctx, chromedp.FullScreenshot(100))
	if err == nil {
		err = os.MkdirAll(dir, 0o755)
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, name+".png"), picture, 0o644)
	}
	if err != nil {
		b.t.Errorf("keep the picture %s: %v", name, err)
	}
}
