suppressMessages(library(survey)); options(digits=17, survey.lonely.psu="adjust")
t <- read.csv('clusters.csv'); t$grp <- factor(t$grp); t$k <- factor(t$k); t$h <- factor(t$h)
out <- list()
add <- function(design, stat, term, est, se, lo=NA, hi=NA, df=NA)
  out[[length(out)+1]] <<- data.frame(design, stat, term, est=est, se=se, lo=lo, hi=hi, df=df)
go <- function(nm, des) {
  for (one_g in c('_', levels(t$grp))) {
    sub <- if (one_g == '_') des else subset(des, grp == one_g)
    m <- svymean(~y, sub, na.rm=TRUE); add(nm, 'mean', one_g, coef(m)[[1]], SE(m)[[1]])
    m <- svytotal(~y, sub, na.rm=TRUE); add(nm, 'total', one_g, coef(m)[[1]], SE(m)[[1]])
    r <- svyratio(~y, ~x, sub, na.rm=TRUE); add(nm, 'ratio', one_g, coef(r)[[1]], SE(r)[[1]])
  }
  q <- svyquantile(~y, des, .5, na.rm=TRUE)[[1]]
  add(nm, 'median', '_', q[1,1], q[1,4], q[1,2], q[1,3], degf(subset(des, !is.na(y))))
}
lm_ <- function(nm, des) {
  for (kind in c('linear', 'logistic')) {
    f <- if (kind == 'linear') svyglm(log(y) ~ log(x) + grp, des) else
      svyglm(yes ~ log(x) + grp + k, des, family=quasibinomial())
    s <- summary(f)$coefficients; ci <- confint(f, ddf=f$df.residual)
    for (i in rownames(s)) add(nm, kind, i, s[i,1], s[i,2], ci[i,1], ci[i,2], f$df.residual)
  }
}
# how it was drawn
one <- svydesign(ids=~a, strata=~h, weights=~w, fpc=~N, data=t); go('one', one); lm_('one', one)
two <- svydesign(ids=~a+b, strata=~h, fpc=~N+M, data=t); go('two', two); lm_('two', two)
# jackknife
jkn <- as.svrepdesign(one, type='JKn'); go('jkn', jkn); lm_('jkn', jkn)
flat <- svydesign(ids=~a, weights=~w, data=t)
jk1 <- as.svrepdesign(flat, type='JK1'); go('jk1', jk1)
# replicate weights that come with a file: pairs of clusters, half-samples; bootstrap of all
first <- ave(as.integer(factor(t$a)), t$h, FUN=function(v) v - min(v)) < 2
pairs <- svydesign(ids=~a, strata=~h, weights=~w, data=t[first, ])
put <- function(name, rep, b) { m <- round(weights(rep, 'analysis'), 6); colnames(m) <- paste0('rep_', seq_len(ncol(m)))
  write.csv(data.frame(b=b, w=weights(rep, 'sampling'), m), name, row.names=FALSE); m }
again <- function(m, d, ...) svrepdesign(repweights=m, weights=d$w, data=d, combined.weights=TRUE, ...)
set.seed(1)
brr <- as.svrepdesign(pairs, type='BRR'); m <- put('brr.csv', brr, t$b[first]); go('brr', again(m, t[first, ], type='BRR'))
fay <- as.svrepdesign(pairs, type='Fay', fay.rho=0.3); m <- put('fay.csv', fay, t$b[first]); go('fay', again(m, t[first, ], type='Fay', rho=0.3))
boot <- as.svrepdesign(svydesign(ids=~a, strata=~h, weights=~w, data=t), type='subbootstrap', replicates=20)
m <- put('bootstrap.csv', boot, t$b); go('bootstrap', again(m, t, type='bootstrap')); go('mse', again(m, t, type='bootstrap', mse=TRUE))
go('other', again(m, t, type='other', scale=0.5, rscales=(1:20)/20))
go('jk2', again(m, t, type='JK2')); go('successive', again(m, t, type='successive-difference'))
# calibration
N <- sum(t$w); tot <- c(`(Intercept)`=1.03*N, grpq=1.1*sum(t$w[t$grp=='q']), grpr=.95*sum(t$w[t$grp=='r']), x=1.08*sum(t$w*t$x))
write.csv(data.frame(term=names(tot), total=tot), 'totals.csv', row.names=FALSE)
f <- ~grp+x
cal <- list(linear=calibrate(one, f, tot, epsilon=1e-12, maxit=200), raking=calibrate(one, f, tot, calfun='raking', epsilon=1e-12, maxit=200),
  logit=calibrate(one, f, tot, calfun='logit', bounds=c(.7, 1.6), epsilon=1e-12, maxit=200),
  truncated=calibrate(one, f, tot, bounds=c(.94, 1.2), epsilon=1e-12, maxit=500))
for (n in names(cal)) { go(n, cal[[n]]); w <- weights(cal[[n]]); for (i in c(1, 17, 60)) add(n, 'weight', t$b[i], w[i], range(w/t$w)[1], NA, NA, range(w/t$w)[2]) }
lm_('linear_cal', cal$linear)
jc <- calibrate(jkn, f, tot, epsilon=1e-12, maxit=200); go('jkn_linear', jc)
trim <- trimWeights(one, upper=25, lower=3); w <- weights(trim); for (i in c(1, 17, 60)) add('trim', 'weight', t$b[i], w[i], NA)
strict <- trimWeights(one, upper=25, lower=3, strict=TRUE); w <- weights(strict); for (i in c(1, 17, 60)) add('strict', 'weight', t$b[i], w[i], NA)
# rules of quantiles
for (rule in c('math','school','hf1','hf2','hf4','hf5','hf6','hf7','hf8','hf9')) for (p in c(.1, .25, .5, .8)) {
  q <- svyquantile(~y, one, p, na.rm=TRUE, qrule=rule)[[1]]; add(rule, paste0('q', p), '_', q[1,1], q[1,4], q[1,2], q[1,3]) }
r <- do.call(rbind, out); row.names(r) <- NULL; write.csv(r, 'results.csv', row.names=FALSE)
