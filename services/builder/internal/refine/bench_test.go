package refine

import (
	"fmt"
	"testing"
	"time"

	provisov1 "proviso.dev/proto/proviso/v1"
	"proviso.dev/services/builder/internal/fixture"
	"proviso.dev/services/builder/internal/review"
)

// different returns machines of which no two are alike, so that each is a resource of its own.
func different(n int) []*provisov1.PlannedVM {
	out := fixture.Group("vm", n, 1000)
	for i, vm := range out {
		vm.Description = fmt.Sprintf("machine %d", i)
	}
	return out
}

// BenchmarkReview is one in-process validation. Goals for 1, 100 and 1,000 machines: 3, 40 and 400 ms.
func BenchmarkReview(b *testing.B) {
	for _, n := range []int{1, 100, 1000} {
		for name, machines := range map[string][]*provisov1.PlannedVM{"alike": fixture.Group("web", n, 1000), "different": different(n)} {
			b.Run(fmt.Sprintf("%d/%s", n, name), func(b *testing.B) {
				s := fixture.Snapshot()
				cluster := review.Index(s)
				plan := fixture.Plan(machines...)
				v, err := review.New(time.Now)
				if err != nil {
					b.Fatal(err)
				}
				loop := New(v, plan, s, cluster)
				if end := loop.Run(); end != Satisfied {
					b.Fatal(end, loop.Result.Open())
				}
				look := InProcess(v, plan, cluster)
				b.ReportAllocs()
				for b.Loop() {
					if !look(loop.Files).ExitLoop {
						b.Fatal("the manifest is no longer accepted")
					}
				}
			})
		}
	}
}

// BenchmarkLoop is everything between a plan and a validated manifest.
func BenchmarkLoop(b *testing.B) {
	for _, n := range []int{1, 100} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			s := fixture.Snapshot()
			cluster := review.Index(s)
			plan := fixture.Plan(different(n)...)
			v, err := review.New(time.Now)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if end := New(v, plan, s, cluster).Run(); end != Satisfied {
					b.Fatal(end)
				}
			}
		})
	}
}

// BenchmarkReviewContainers is BenchmarkReview for containers, none like another.
func BenchmarkReviewContainers(b *testing.B) {
	for _, n := range []int{1, 100, 1000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			s := fixture.Snapshot()
			cluster := review.Index(s)
			var cts []*provisov1.PlannedContainer
			for i := range n {
				ct := fixture.Container(fmt.Sprintf("ct-%d", i), int32(1000+i))
				ct.Node, ct.MemoryMib, ct.Description = fmt.Sprintf("pmox0%d", i%3+1), 64, fmt.Sprintf("container %d", i)
				ct.Nics[0].Ipv4 = fmt.Sprintf("192.168.%d.%d/16", 10+i/250, i%250+1)
				cts = append(cts, ct)
			}
			plan := fixture.Mixed(nil, cts...)
			v, err := review.New(time.Now)
			if err != nil {
				b.Fatal(err)
			}
			loop := New(v, plan, s, cluster)
			if end := loop.Run(); end != Satisfied {
				b.Fatal(end, loop.Result.Open())
			}
			look := InProcess(v, plan, cluster)
			b.ReportAllocs()
			for b.Loop() {
				if !look(loop.Files).ExitLoop {
					b.Fatal("the manifest is no longer accepted")
				}
			}
		})
	}
}
