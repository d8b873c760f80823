//! A window of the search: some hosts whose servers are to be squeezed onto one host fewer. It holds only the
//! lanes in which these hosts are full, copied together so that they stay in the cache; the others are checked
//! when a squeeze seems to have succeeded, and join the window when they turn out to matter.
// SPDX-License-Identifier: Apache-2.0

use super::host::Rules;
use super::kernels::{PAD, exchange, mass, overload};
use super::random::Random;

/// A window being squeezed. Hosts and items are numbered from 0 inside it.
pub(super) struct Window<'a> {
    rules: &'a Rules,
    /// Server of each item.
    servers: Vec<usize>,
    /// Items on each host.
    pub(super) hosts: Vec<Vec<usize>>,
    /// Lanes looked at, ascending.
    lanes: Vec<usize>,
    width: usize,
    /// Rows of the items, one row of nothing behind them.
    rows: Vec<u16>,
    loads: Vec<u16>,
    ceilings: Vec<u16>,
    overloads: Vec<u32>,
    /// Overloaded hosts, and the place of each host among them.
    hot: Vec<usize>,
    place: Vec<usize>,
}

const COLD: usize = usize::MAX;

impl<'a> Window<'a> {
    /// The hosts of a window in the lanes given.
    pub(super) fn new(rules: &'a Rules, hosts: &[&[usize]], lanes: Vec<usize>) -> Self {
        let servers = hosts.concat();
        let mut next = 0..servers.len();
        let hosts: Vec<Vec<usize>> =
            hosts.iter().map(|host| next.by_ref().take(host.len()).collect()).collect();
        let mut window = Self {
            rules,
            servers,
            lanes: Vec::new(),
            width: 0,
            rows: Vec::new(),
            loads: Vec::new(),
            ceilings: Vec::new(),
            overloads: Vec::new(),
            hot: Vec::new(),
            place: vec![COLD; hosts.len()],
            hosts,
        };
        window.look_at(lanes);
        window
    }

    /// Copies the lanes together. Loads saturate, as everywhere.
    fn look_at(&mut self, lanes: Vec<usize>) {
        self.width = lanes.len().next_multiple_of(PAD);
        self.rows.clear();
        self.rows.resize(self.width * (self.servers.len() + 1), 0);
        for (row, &server) in self.rows.chunks_exact_mut(self.width.max(1)).zip(&self.servers) {
            let units = self.rules.profiles.row(server);
            row.iter_mut().zip(&lanes).for_each(|(lane, &from)| *lane = units[from]);
        }
        let ordinary = self.rules.profiles.ordinary();
        self.ceilings = lanes.iter().map(|&lane| ordinary[lane]).collect();
        self.ceilings.resize(self.width, 0);
        self.lanes = lanes;
        self.loads = vec![0; self.width * self.hosts.len()];
        self.overloads = vec![0; self.hosts.len()];
        for host in 0..self.hosts.len() {
            for position in 0..self.hosts[host].len() {
                let item = self.hosts[host][position];
                let row = self.rows[item * self.width..][..self.width].iter();
                let load = self.loads[host * self.width..][..self.width].iter_mut();
                load.zip(row).for_each(|(load, units)| *load = load.saturating_add(*units));
            }
            let over = self.overload_after(host, self.nothing(), self.nothing());
            self.set_overload(host, over);
        }
    }

    /// The item that asks for nothing.
    #[inline(always)]
    fn nothing(&self) -> usize {
        self.servers.len()
    }

    #[inline(always)]
    fn row(&self, item: usize) -> &[u16] {
        &self.rows[item * self.width..][..self.width]
    }

    /// The overload of a host once one item has left it and another has come.
    #[inline(always)]
    fn overload_after(&self, host: usize, out: usize, into: usize) -> u32 {
        let load = &self.loads[host * self.width..][..self.width];
        overload(load, self.row(out), self.row(into), &self.ceilings)
    }

    #[inline(always)]
    fn set_overload(&mut self, host: usize, over: u32) {
        self.overloads[host] = over;
        let place = self.place[host];
        if over > 0 && place == COLD {
            self.place[host] = self.hot.len();
            self.hot.push(host);
        } else if over == 0 && place != COLD {
            self.hot.swap_remove(place);
            if let Some(&moved) = self.hot.get(place) {
                self.place[moved] = place;
            }
            self.place[host] = COLD;
        }
    }

    #[inline(always)]
    fn exchange(&mut self, host: usize, out: usize, into: usize) -> bool {
        let load = &mut self.loads[host * self.width..][..self.width];
        let row = |item: usize| &self.rows[item * self.width..][..self.width];
        exchange(load, row(out), row(into))
    }

    /// Whether `item` may join `host` once `without` has left it, by everything but load.
    #[inline(always)]
    fn may_join(&self, host: usize, item: usize, without: usize) -> bool {
        let others = self.hosts[host].iter().filter(|&&other| other != without);
        self.rules.may_join(self.servers[item], others.map(|&other| self.servers[other]))
    }

    /// Closes the host that asks for least, and pushes its items to where the overload grows least. `false`
    /// when some item may not go anywhere.
    pub(super) fn close(&mut self, host: usize) -> bool {
        self.set_overload(host, 0);
        let mut items = self.hosts.swap_remove(host);
        let last = self.hosts.len();
        self.loads.copy_within(last * self.width..(last + 1) * self.width, host * self.width);
        self.loads.truncate(last * self.width);
        // No host is overloaded before the first is closed, so there are no places to mend.
        self.overloads.swap_remove(host);
        self.place.swap_remove(host);
        items.sort_by_key(|&item| (std::cmp::Reverse(mass(self.row(item))), item));
        items.into_iter().all(|item| self.push(item))
    }

    fn push(&mut self, item: usize) -> bool {
        let nothing = self.nothing();
        let growth = |host: usize| self.overload_after(host, nothing, item) - self.overloads[host];
        let open = (0..self.hosts.len()).filter(|&host| self.may_join(host, item, nothing));
        let Some(host) = open.min_by_key(|&host| (growth(host), self.hosts[host].len())) else {
            return false;
        };
        if !self.exchange(host, nothing, item) {
            return false;
        }
        let over = self.overload_after(host, nothing, nothing);
        self.set_overload(host, over);
        self.hosts[host].push(item);
        true
    }

    /// Anneals the overload away in at most `steps` moves, which it counts down. `true` once there is none.
    #[inline(always)]
    pub(super) fn anneal(&mut self, steps: &mut u64, heat: f32, random: &mut Random) -> bool {
        let total = (*steps).max(1) as f32;
        let start = heat * self.scale();
        let mut temperature = start;
        while !self.hot.is_empty() && *steps > 0 {
            *steps -= 1;
            if steps.is_multiple_of(64) {
                temperature = start * (*steps as f32 / total);
            }
            let bearable = -temperature * random.unit().ln();
            self.step(bearable as u32, random);
        }
        self.hot.is_empty()
    }

    /// What an item's overload typically is: the temperature is measured in it.
    fn scale(&self) -> f32 {
        let rows = mass(&self.rows) as f32 / self.servers.len().max(1) as f32;
        rows / (self.lanes.len().max(1) as f32).sqrt()
    }

    /// Tries one move from an overloaded host: an exchange three times out of four, else a shift.
    #[inline(always)]
    fn step(&mut self, bearable: u32, random: &mut Random) {
        let from = self.hot[random.below(self.hot.len())];
        let to = random.below(self.hosts.len());
        if from == to {
            return;
        }
        let a_place = random.below(self.hosts[from].len());
        let a = self.hosts[from][a_place];
        let swap = !self.hosts[to].is_empty() && random.next() & 3 != 0;
        let b_place = if swap { random.below(self.hosts[to].len()) } else { 0 };
        let b = if swap { self.hosts[to][b_place] } else { self.nothing() };
        let most = self.overloads[from] + self.overloads[to] + bearable;
        let from_over = self.overload_after(from, a, b);
        if from_over > most || !swap && self.hosts[to].len() >= self.rules.vms_max {
            return;
        }
        let to_over = self.overload_after(to, b, a);
        if from_over + to_over > most
            || !self.may_join(to, a, b)
            || swap && !self.may_join(from, b, a)
            || !self.exchange(to, b, a)
        {
            return;
        }
        if !self.exchange(from, a, b) {
            // Cannot saturate back: it was there a moment ago.
            self.exchange(to, a, b);
            return;
        }
        self.set_overload(from, from_over);
        self.set_overload(to, to_over);
        if swap {
            self.hosts[from][a_place] = b;
            self.hosts[to][b_place] = a;
        } else {
            self.hosts[from].swap_remove(a_place);
            self.hosts[to].push(a);
        }
    }

    /// Servers of each host.
    pub(super) fn assignment(&self) -> Vec<Vec<usize>> {
        self.hosts.iter().map(|items| items.iter().map(|&item| self.servers[item]).collect()).collect()
    }

    /// Looks at more lanes from now on.
    pub(super) fn widen(&mut self, lanes: &[usize]) {
        let mut all = std::mem::take(&mut self.lanes);
        all.extend(lanes);
        all.sort_unstable();
        all.dedup();
        self.hot.clear();
        self.place = vec![COLD; self.hosts.len()];
        self.look_at(all);
    }
}
