package builder

import (
	"sync"

	provisov1 "proviso.dev/proto/proviso/v1"
)

// A teller publishes progress in order beside the work: each publication waits for the disk of the bus, and the work need
// not.
type teller struct {
	queue chan *provisov1.Progress
	done  sync.WaitGroup
}

// backlog is more than any build has to tell: ten iterations, eleven stages, some of them twice.
const backlog = 64

func newTeller(publish func(*provisov1.Progress)) *teller {
	t := &teller{queue: make(chan *provisov1.Progress, backlog)}
	t.done.Go(func() {
		for p := range t.queue {
			publish(p)
		}
	})
	return t
}

func (t *teller) tell(p *provisov1.Progress) { t.queue <- p }

// wait returns when everything is published. Nothing may be told afterwards.
func (t *teller) wait() {
	close(t.queue)
	t.done.Wait()
}
