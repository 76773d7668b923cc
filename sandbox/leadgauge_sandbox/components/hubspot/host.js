var _e=Symbol.for("RemoteUi::Retain"),fe=Symbol.for("RemoteUi::Release"),Wt=Symbol.for("RemoteUi::RetainedBy");function me(e){return!!(e&&e[_e]&&e[fe])}function K(e,{deep:t=!0}={}){return pe(e,t,new Map)}function pe(e,t,r){let n=r.get(e);if(n!=null)return n;let i=me(e);if(i&&e[_e](),r.set(e,i),t){if(Array.isArray(e)){let o=e.reduce((s,a)=>pe(a,t,r)||s,i);return r.set(e,o),o}if(he(e)){let o=Object.keys(e).reduce((s,a)=>pe(e[a],t,r)||s,i);return r.set(e,o),o}}return r.set(e,i),i}function J(e,{deep:t=!0}={}){return de(e,t,new Map)}function de(e,t,r){let n=r.get(e);if(n!=null)return n;let i=me(e);if(i&&e[fe](),r.set(e,i),t){if(Array.isArray(e)){let o=e.reduce((s,a)=>de(a,t,r)||s,i);return r.set(e,o),o}if(he(e)){let o=Object.keys(e).reduce((s,a)=>de(e[a],t,r)||s,i);return r.set(e,o),o}}return i}function he(e){if(e==null||typeof e!="object")return!1;let t=Object.getPrototypeOf(e);return t==null||t===Object.prototype}function Be(e){return e!=null&&e.kind===3}var H=Symbol("RootId");function Ve({mount:e,insertChild:t,removeChild:r,updateProps:n,updateText:i}){let o=new Map([[0,e],[2,r],[1,t],[4,n],[3,i]]);return(s,...a)=>o.get(s)(...a)}function Q(){let e=new Set,t=new Map,r=new Map,n=null,i="unmounted",o={id:H,kind:0,children:[],version:0},s=new Map([[H,o]]),a=Ve({mount:u=>{let m=s.get(H),p=u.map(d=>Y(d,ge));m.version+=1,m.children=p,i="mounted";for(let d of p)K(d),c(d);f(m).then(()=>{l("mount")})},insertChild:(u,m,p,d)=>{let h=s.get(u??H),{children:y}=h,x,E;if(u===d?x=h:d!==!1&&(x=s.get(d??H)),x){let R=p.id,T=x.children,S=T.findIndex(C=>C.id===R),[U]=T.splice(S,1);E=U,u!==d&&(x.version+=1,f(x))}else E=Y(p,ge),K(E),c(E);m===y.length?y.push(E):y.splice(m,0,E),h.version+=1,f(h)},removeChild:(u,m)=>{let p=s.get(u??H),{children:d}=p,[h]=d.splice(m,1);h&&(p.version+=1,g(h),f(p).then(()=>{J(h)}))},updateProps:(u,m)=>{let p=s.get(u),d={...p.props};K(m),Object.keys(m).forEach(h=>{let y=m[h],x=d[h];if(z(x)&&g(x),ee(y)){let E=Y(y,ge);c(E)}}),Object.assign(p.props,m),p.version+=1,f(p).then(()=>{for(let h of Object.keys(m))J(d[h])})},updateText:(u,m)=>{let p=s.get(u);p.text=m,p.version+=1,f(p)}});return{get state(){return i},receive:a,attached:{root:o,get({id:u}){var m;return(m=s.get(u))!==null&&m!==void 0?m:null},subscribe({id:u},m){let p=r.get(u);return p==null&&(p=new Set,r.set(u,p)),p.add(m),()=>{let d=r.get(u);d&&(d.delete(m),d.size===0&&r.delete(u))}}},flush:_,on(u,m){let p=t.get(u);return p==null&&(p=new Set,t.set(u,p)),p.add(m),()=>{let d=t.get(u);d&&(d.delete(m),d.size===0&&t.delete(u))}}};function _(){var u;return(u=n)!==null&&u!==void 0?u:Promise.resolve()}function l(u){let m=t.get(u);if(m)for(let p of m)p()}function f(u){var m;return n=(m=n)!==null&&m!==void 0?m:new Promise(p=>{setTimeout(()=>{let d=[...e];n=null,e.clear();for(let h of d){let y=r.get(h.id);if(y)for(let x of y)x(h)}p()},0)}),e.add(u),n}function c(u){if(s.set(u.id,u),u.kind===1&&"props"in u){let{props:m={}}=u;Object.keys(m).forEach(p=>{let d=m[p];z(d)&&c(d)})}if("children"in u)for(let m of u.children)c(m)}function g(u){if(s.delete(u.id),u.kind===1&&"props"in u){let{props:m={}}=u;Object.keys(m).forEach(p=>{let d=m[p];z(d)&&g(d)})}if("children"in u)for(let m of u.children)g(m)}}function ge(e){return e.version=0,e}function Y(e,t){if((e.kind===3||e.kind===1)&&e.children.forEach(r=>Y(r,t)),e.kind===1&&"props"in e){let{props:r}=e;for(let n of Object.keys(r)){let i=r[n];ee(i)&&(r[n]=Y(i,t))}}return t(e)}function ee(e){return Be(e)&&"id"in e&&"children"in e}function z(e){return ee(e)&&"version"in e}var ie,b,qe,Yt,A,$e,Xe,Ze,Ge,xe,ye,ve,qt,ne={},oe=[],Xt=/acit|ex(?:s|g|n|p|$)|rph|grid|ows|mnc|ntw|ine[ch]|zoo|^ord|itera/i,q=Array.isArray;function P(e,t){for(var r in t)e[r]=t[r];return e}function Ee(e){e&&e.parentNode&&e.parentNode.removeChild(e)}function M(e,t,r){var n,i,o,s={};for(o in t)o=="key"?n=t[o]:o=="ref"?i=t[o]:s[o]=t[o];if(arguments.length>2&&(s.children=arguments.length>3?ie.call(arguments,2):r),typeof e=="function"&&e.defaultProps!=null)for(o in e.defaultProps)s[o]===void 0&&(s[o]=e.defaultProps[o]);return re(e,s,n,i,null)}function re(e,t,r,n,i){var o={type:e,props:t,key:r,ref:n,__k:null,__:null,__b:0,__e:null,__c:null,constructor:void 0,__v:i??++qe,__i:-1,__u:0};return i==null&&b.vnode!=null&&b.vnode(o),o}function N(e){return e.children}function O(e,t){this.props=e,this.context=t}function V(e,t){if(t==null)return e.__?V(e.__,e.__i+1):null;for(var r;t<e.__k.length;t++)if((r=e.__k[t])!=null&&r.__e!=null)return r.__e;return typeof e.type=="function"?V(e):null}function Zt(e){if(e.__P&&e.__d){var t=e.__v,r=t.__e,n=[],i=[],o=P({},t);o.__v=t.__v+1,b.vnode&&b.vnode(o),ke(e.__P,o,t,e.__n,e.__P.namespaceURI,32&t.__u?[r]:null,n,r??V(t),!!(32&t.__u),i),o.__v=t.__v,o.__.__k[o.__i]=o,tt(n,o,i),t.__e=t.__=null,o.__e!=r&&Je(o)}}function Je(e){if((e=e.__)!=null&&e.__c!=null)return e.__e=e.__c.base=null,e.__k.some(function(t){if(t!=null&&t.__e!=null)return e.__e=e.__c.base=t.__e}),Je(e)}function We(e){(!e.__d&&(e.__d=!0)&&A.push(e)&&!se.__r++||$e!=b.debounceRendering)&&(($e=b.debounceRendering)||Xe)(se)}function se(){try{for(var e,t=1;A.length;)A.length>t&&A.sort(Ze),e=A.shift(),t=A.length,Zt(e)}finally{A.length=se.__r=0}}function Qe(e,t,r,n,i,o,s,a,_,l,f){var c,g,u,m,p,d,h,y=n&&n.__k||oe,x=t.length;for(_=Gt(r,t,y,_,x),c=0;c<x;c++)(u=r.__k[c])!=null&&(g=u.__i!=-1&&y[u.__i]||ne,u.__i=c,d=ke(e,u,g,i,o,s,a,_,l,f),m=u.__e,u.ref&&g.ref!=u.ref&&(g.ref&&we(g.ref,null,u),f.push(u.ref,u.__c||m,u)),p==null&&m!=null&&(p=m),(h=!!(4&u.__u))||g.__k===u.__k?_=et(u,_,e,h):typeof u.type=="function"&&d!==void 0?_=d:m&&(_=m.nextSibling),u.__u&=-7);return r.__e=p,_}function Gt(e,t,r,n,i){var o,s,a,_,l,f=r.length,c=f,g=0;for(e.__k=new Array(i),o=0;o<i;o++)(s=t[o])!=null&&typeof s!="boolean"&&typeof s!="function"?(typeof s=="string"||typeof s=="number"||typeof s=="bigint"||s.constructor==String?s=e.__k[o]=re(null,s,null,null,null):q(s)?s=e.__k[o]=re(N,{children:s},null,null,null):s.constructor===void 0&&s.__b>0?s=e.__k[o]=re(s.type,s.props,s.key,s.ref?s.ref:null,s.__v):e.__k[o]=s,_=o+g,s.__=e,s.__b=e.__b+1,a=null,(l=s.__i=Jt(s,r,_,c))!=-1&&(c--,(a=r[l])&&(a.__u|=2)),a==null||a.__v==null?(l==-1&&(i>f?g--:i<f&&g++),typeof s.type!="function"&&(s.__u|=4)):l!=_&&(l==_-1?g--:l==_+1?g++:(l>_?g--:g++,s.__u|=4))):e.__k[o]=null;if(c)for(o=0;o<f;o++)(a=r[o])!=null&&(2&a.__u)==0&&(a.__e==n&&(n=V(a)),nt(a,a));return n}function et(e,t,r,n){var i,o;if(typeof e.type=="function"){for(i=e.__k,o=0;i&&o<i.length;o++)i[o]&&(i[o].__=e,t=et(i[o],t,r,n));return t}e.__e!=t&&(n&&(t&&e.type&&!t.parentNode&&(t=V(e)),r.insertBefore(e.__e,t||null)),t=e.__e);do t=t&&t.nextSibling;while(t!=null&&t.nodeType==8);return t}function I(e,t){return t=t||[],e==null||typeof e=="boolean"||(q(e)?e.some(function(r){I(r,t)}):t.push(e)),t}function Jt(e,t,r,n){var i,o,s,a=e.key,_=e.type,l=t[r],f=l!=null&&(2&l.__u)==0;if(l===null&&a==null||f&&a==l.key&&_==l.type)return r;if(n>(f?1:0)){for(i=r-1,o=r+1;i>=0||o<t.length;)if((l=t[s=i>=0?i--:o++])!=null&&(2&l.__u)==0&&a==l.key&&_==l.type)return s}return-1}function Ke(e,t,r){t[0]=="-"?e.setProperty(t,r??""):e[t]=r==null?"":typeof r!="number"||Xt.test(t)?r:r+"px"}function te(e,t,r,n,i){var o,s;e:if(t=="style")if(typeof r=="string")e.style.cssText=r;else{if(typeof n=="string"&&(e.style.cssText=n=""),n)for(t in n)r&&t in r||Ke(e.style,t,"");if(r)for(t in r)n&&r[t]==n[t]||Ke(e.style,t,r[t])}else if(t[0]=="o"&&t[1]=="n")o=t!=(t=t.replace(Ge,"$1")),s=t.toLowerCase(),t=s in e||t=="onFocusOut"||t=="onFocusIn"?s.slice(2):t.slice(2),e.l||(e.l={}),e.l[t+o]=r,r?n?r.u=n.u:(r.u=xe,e.addEventListener(t,o?ve:ye,o)):e.removeEventListener(t,o?ve:ye,o);else{if(i=="http://www.w3.org/2000/svg")t=t.replace(/xlink(H|:h)/,"h").replace(/sName$/,"s");else if(t!="width"&&t!="height"&&t!="href"&&t!="list"&&t!="form"&&t!="tabIndex"&&t!="download"&&t!="rowSpan"&&t!="colSpan"&&t!="role"&&t!="popover"&&t in e)try{e[t]=r??"";break e}catch{}typeof r=="function"||(r==null||r===!1&&t[4]!="-"?e.removeAttribute(t):e.setAttribute(t,t=="popover"&&r==1?"":r))}}function Ye(e){return function(t){if(this.l){var r=this.l[t.type+e];if(t.t==null)t.t=xe++;else if(t.t<r.u)return;return r(b.event?b.event(t):t)}}}function ke(e,t,r,n,i,o,s,a,_,l){var f,c,g,u,m,p,d,h,y,x,E,R,T,S,U,C=t.type;if(t.constructor!==void 0)return null;128&r.__u&&(_=!!(32&r.__u),o=[a=t.__e=r.__e]),(f=b.__b)&&f(t);e:if(typeof C=="function")try{if(h=t.props,y=C.prototype&&C.prototype.render,x=(f=C.contextType)&&n[f.__c],E=f?x?x.props.value:f.__:n,r.__c?d=(c=t.__c=r.__c).__=c.__E:(y?t.__c=c=new C(h,E):(t.__c=c=new O(h,E),c.constructor=C,c.render=er),x&&x.sub(c),c.state||(c.state={}),c.__n=n,g=c.__d=!0,c.__h=[],c._sb=[]),y&&c.__s==null&&(c.__s=c.state),y&&C.getDerivedStateFromProps!=null&&(c.__s==c.state&&(c.__s=P({},c.__s)),P(c.__s,C.getDerivedStateFromProps(h,c.__s))),u=c.props,m=c.state,c.__v=t,g)y&&C.getDerivedStateFromProps==null&&c.componentWillMount!=null&&c.componentWillMount(),y&&c.componentDidMount!=null&&c.__h.push(c.componentDidMount);else{if(y&&C.getDerivedStateFromProps==null&&h!==u&&c.componentWillReceiveProps!=null&&c.componentWillReceiveProps(h,E),t.__v==r.__v||!c.__e&&c.shouldComponentUpdate!=null&&c.shouldComponentUpdate(h,c.__s,E)===!1){t.__v!=r.__v&&(c.props=h,c.state=c.__s,c.__d=!1),t.__e=r.__e,t.__k=r.__k,t.__k.some(function(F){F&&(F.__=t)}),oe.push.apply(c.__h,c._sb),c._sb=[],c.__h.length&&s.push(c);break e}c.componentWillUpdate!=null&&c.componentWillUpdate(h,c.__s,E),y&&c.componentDidUpdate!=null&&c.__h.push(function(){c.componentDidUpdate(u,m,p)})}if(c.context=E,c.props=h,c.__P=e,c.__e=!1,R=b.__r,T=0,y)c.state=c.__s,c.__d=!1,R&&R(t),f=c.render(c.props,c.state,c.context),oe.push.apply(c.__h,c._sb),c._sb=[];else do c.__d=!1,R&&R(t),f=c.render(c.props,c.state,c.context),c.state=c.__s;while(c.__d&&++T<25);c.state=c.__s,c.getChildContext!=null&&(n=P(P({},n),c.getChildContext())),y&&!g&&c.getSnapshotBeforeUpdate!=null&&(p=c.getSnapshotBeforeUpdate(u,m)),S=f!=null&&f.type===N&&f.key==null?rt(f.props.children):f,a=Qe(e,q(S)?S:[S],t,r,n,i,o,s,a,_,l),c.base=t.__e,t.__u&=-161,c.__h.length&&s.push(c),d&&(c.__E=c.__=null)}catch(F){if(t.__v=null,_||o!=null)if(F.then){for(t.__u|=_?160:128;a&&a.nodeType==8&&a.nextSibling;)a=a.nextSibling;o[o.indexOf(a)]=null,t.__e=a}else{for(U=o.length;U--;)Ee(o[U]);be(t)}else t.__e=r.__e,t.__k=r.__k,F.then||be(t);b.__e(F,t,r)}else o==null&&t.__v==r.__v?(t.__k=r.__k,t.__e=r.__e):a=t.__e=Qt(r.__e,t,r,n,i,o,s,_,l);return(f=b.diffed)&&f(t),128&t.__u?void 0:a}function be(e){e&&(e.__c&&(e.__c.__e=!0),e.__k&&e.__k.some(be))}function tt(e,t,r){for(var n=0;n<r.length;n++)we(r[n],r[++n],r[++n]);b.__c&&b.__c(t,e),e.some(function(i){try{e=i.__h,i.__h=[],e.some(function(o){o.call(i)})}catch(o){b.__e(o,i.__v)}})}function rt(e){return typeof e!="object"||e==null||e.__b>0?e:q(e)?e.map(rt):P({},e)}function Qt(e,t,r,n,i,o,s,a,_){var l,f,c,g,u,m,p,d=r.props||ne,h=t.props,y=t.type;if(y=="svg"?i="http://www.w3.org/2000/svg":y=="math"?i="http://www.w3.org/1998/Math/MathML":i||(i="http://www.w3.org/1999/xhtml"),o!=null){for(l=0;l<o.length;l++)if((u=o[l])&&"setAttribute"in u==!!y&&(y?u.localName==y:u.nodeType==3)){e=u,o[l]=null;break}}if(e==null){if(y==null)return document.createTextNode(h);e=document.createElementNS(i,y,h.is&&h),a&&(b.__m&&b.__m(t,o),a=!1),o=null}if(y==null)d===h||a&&e.data==h||(e.data=h);else{if(o=o&&ie.call(e.childNodes),!a&&o!=null)for(d={},l=0;l<e.attributes.length;l++)d[(u=e.attributes[l]).name]=u.value;for(l in d)u=d[l],l=="dangerouslySetInnerHTML"?c=u:l=="children"||l in h||l=="value"&&"defaultValue"in h||l=="checked"&&"defaultChecked"in h||te(e,l,null,u,i);for(l in h)u=h[l],l=="children"?g=u:l=="dangerouslySetInnerHTML"?f=u:l=="value"?m=u:l=="checked"?p=u:a&&typeof u!="function"||d[l]===u||te(e,l,u,d[l],i);if(f)a||c&&(f.__html==c.__html||f.__html==e.innerHTML)||(e.innerHTML=f.__html),t.__k=[];else if(c&&(e.innerHTML=""),Qe(t.type=="template"?e.content:e,q(g)?g:[g],t,r,n,y=="foreignObject"?"http://www.w3.org/1999/xhtml":i,o,s,o?o[0]:r.__k&&V(r,0),a,_),o!=null)for(l=o.length;l--;)Ee(o[l]);a||(l="value",y=="progress"&&m==null?e.removeAttribute("value"):m!=null&&(m!==e[l]||y=="progress"&&!m||y=="option"&&m!=d[l])&&te(e,l,m,d[l],i),l="checked",p!=null&&p!=e[l]&&te(e,l,p,d[l],i))}return e}function we(e,t,r){try{if(typeof e=="function"){var n=typeof e.__u=="function";n&&e.__u(),n&&t==null||(e.__u=e(t))}else e.current=t}catch(i){b.__e(i,r)}}function nt(e,t,r){var n,i;if(b.unmount&&b.unmount(e),(n=e.ref)&&(n.current&&n.current!=e.__e||we(n,null,t)),(n=e.__c)!=null){if(n.componentWillUnmount)try{n.componentWillUnmount()}catch(o){b.__e(o,t)}n.base=n.__P=null}if(n=e.__k)for(i=0;i<n.length;i++)n[i]&&nt(n[i],t,r||typeof e.type!="function");r||Ee(e.__e),e.__c=e.__=e.__e=void 0}function er(e,t,r){return this.constructor(e,r)}function Re(e,t,r){var n,i,o,s;t==document&&(t=document.documentElement),b.__&&b.__(e,t),i=(n=typeof r=="function")?null:r&&r.__k||t.__k,o=[],s=[],ke(t,e=(!n&&r||t).__k=M(N,null,[e]),i||ne,ne,t.namespaceURI,!n&&r?[r]:i?null:t.firstChild?ie.call(t.childNodes):null,o,!n&&r?r:i?i.__e:t.firstChild,n,s),tt(o,e,s)}ie=oe.slice,b={__e:function(e,t,r,n){for(var i,o,s;t=t.__;)if((i=t.__c)&&!i.__)try{if((o=i.constructor)&&o.getDerivedStateFromError!=null&&(i.setState(o.getDerivedStateFromError(e)),s=i.__d),i.componentDidCatch!=null&&(i.componentDidCatch(e,n||{}),s=i.__d),s)return i.__E=i}catch(a){e=a}throw e}},qe=0,Yt=function(e){return e!=null&&e.constructor===void 0},O.prototype.setState=function(e,t){var r;r=this.__s!=null&&this.__s!=this.state?this.__s:this.__s=P({},this.state),typeof e=="function"&&(e=e(P({},r),this.props)),e&&P(r,e),e!=null&&this.__v&&(t&&this._sb.push(t),We(this))},O.prototype.forceUpdate=function(e){this.__v&&(this.__e=!0,e&&this.__h.push(e),We(this))},O.prototype.render=N,A=[],Xe=typeof Promise=="function"?Promise.prototype.then.bind(Promise.resolve()):setTimeout,Ze=function(e,t){return e.__v.__b-t.__v.__b},se.__r=0,Ge=/(PointerCapture)$|Capture$/i,xe=0,ye=Ye(!1),ve=Ye(!0),qt=0;var X,w,Te,ot,Ne=0,ft=[],k=b,st=k.__b,it=k.__r,at=k.diffed,ct=k.__c,lt=k.unmount,ut=k.__;function Se(e,t){k.__h&&k.__h(w,e,Ne||t),Ne=0;var r=w.__H||(w.__H={__:[],__h:[]});return e>=r.__.length&&r.__.push({}),r.__[e]}function Oe(e){return Ne=1,pt(mt,e)}function pt(e,t,r){var n=Se(X++,2);if(n.t=e,!n.__c&&(n.__=[r?r(t):mt(void 0,t),function(a){var _=n.__N?n.__N[0]:n.__[0],l=n.t(_,a);_!==l&&(n.__N=[l,n.__[1]],n.__c.setState({}))}],n.__c=w,!w.__f)){var i=function(a,_,l){if(!n.__c.__H)return!0;var f=n.__c.__H.__.filter(function(g){return g.__c});if(f.every(function(g){return!g.__N}))return!o||o.call(this,a,_,l);var c=n.__c.props!==a;return f.some(function(g){if(g.__N){var u=g.__[0];g.__=g.__N,g.__N=void 0,u!==g.__[0]&&(c=!0)}}),o&&o.call(this,a,_,l)||c};w.__f=!0;var o=w.shouldComponentUpdate,s=w.componentWillUpdate;w.componentWillUpdate=function(a,_,l){if(this.__e){var f=o;o=void 0,i(a,_,l),o=f}s&&s.call(this,a,_,l)},w.shouldComponentUpdate=i}return n.__N||n.__}function Ie(e,t){var r=Se(X++,3);!k.__s&&dt(r.__H,t)&&(r.__=e,r.u=t,w.__H.__h.push(r))}function Pe(e,t){var r=Se(X++,7);return dt(r.__H,t)&&(r.__=e(),r.__H=t,r.__h=e),r.__}function Ae(e,t){k.useDebugValue&&k.useDebugValue(t?t(e):e)}function tr(){for(var e;e=ft.shift();){var t=e.__H;if(e.__P&&t)try{t.__h.some(ae),t.__h.some(Ce),t.__h=[]}catch(r){t.__h=[],k.__e(r,e.__v)}}}k.__b=function(e){w=null,st&&st(e)},k.__=function(e,t){e&&t.__k&&t.__k.__m&&(e.__m=t.__k.__m),ut&&ut(e,t)},k.__r=function(e){it&&it(e),X=0;var t=(w=e.__c).__H;t&&(Te===w?(t.__h=[],w.__h=[],t.__.some(function(r){r.__N&&(r.__=r.__N),r.u=r.__N=void 0})):(t.__h.some(ae),t.__h.some(Ce),t.__h=[],X=0)),Te=w},k.diffed=function(e){at&&at(e);var t=e.__c;t&&t.__H&&(t.__H.__h.length&&(ft.push(t)!==1&&ot===k.requestAnimationFrame||((ot=k.requestAnimationFrame)||rr)(tr)),t.__H.__.some(function(r){r.u&&(r.__H=r.u),r.u=void 0})),Te=w=null},k.__c=function(e,t){t.some(function(r){try{r.__h.some(ae),r.__h=r.__h.filter(function(n){return!n.__||Ce(n)})}catch(n){t.some(function(i){i.__h&&(i.__h=[])}),t=[],k.__e(n,r.__v)}}),ct&&ct(e,t)},k.unmount=function(e){lt&&lt(e);var t,r=e.__c;r&&r.__H&&(r.__H.__.some(function(n){try{ae(n)}catch(i){t=i}}),r.__H=void 0,t&&k.__e(t,r.__v))};var _t=typeof requestAnimationFrame=="function";function rr(e){var t,r=function(){clearTimeout(n),_t&&cancelAnimationFrame(t),setTimeout(e)},n=setTimeout(r,35);_t&&(t=requestAnimationFrame(r))}function ae(e){var t=w,r=e.__c;typeof r=="function"&&(e.__c=void 0,r()),w=t}function Ce(e){var t=w;e.__c=e.__(),w=t}function dt(e,t){return!e||e.length!==t.length||t.some(function(r,n){return r!==e[n]})}function mt(e,t){return typeof t=="function"?t(e):t}function sr(e,t){for(var r in t)e[r]=t[r];return e}function De(e,t){for(var r in e)if(r!=="__source"&&!(r in t))return!0;for(var n in t)if(n!=="__source"&&e[n]!==t[n])return!0;return!1}function ht(e,t){this.props=e,this.context=t}function j(e,t){function r(i){var o=this.props.ref;return o!=i.ref&&o&&(typeof o=="function"?o(null):o.current=null),t?!t(this.props,i)||o!=i.ref:De(this.props,i)}function n(i){return this.shouldComponentUpdate=r,M(e,i)}return n.displayName="Memo("+(e.displayName||e.name)+")",n.__f=n.prototype.isReactComponent=!0,n.type=e,n}(ht.prototype=new O).isPureReactComponent=!0,ht.prototype.shouldComponentUpdate=function(e,t){return De(this.props,e)||De(this.state,t)};var gt=b.__b;b.__b=function(e){e.type&&e.type.__f&&e.ref&&(e.props.ref=e.ref,e.ref=null),gt&&gt(e)};var dn=typeof Symbol<"u"&&Symbol.for&&Symbol.for("react.forward_ref")||3911;var yt=function(e,t){return e==null?null:I(I(e).map(t))},Rt={map:yt,forEach:yt,count:function(e){return e?I(e).length:0},only:function(e){var t=I(e);if(t.length!==1)throw"Children.only";return t[0]},toArray:I},ir=b.__e;b.__e=function(e,t,r,n){if(e.then){for(var i,o=t;o=o.__;)if((i=o.__c)&&i.__c)return t.__e==null&&(t.__e=r.__e,t.__k=r.__k),i.__c(e,t)}ir(e,t,r,n)};var vt=b.unmount;function Tt(e,t,r){return e&&(e.__c&&e.__c.__H&&(e.__c.__H.__.forEach(function(n){typeof n.__c=="function"&&n.__c()}),e.__c.__H=null),(e=sr({},e)).__c!=null&&(e.__c.__P===r&&(e.__c.__P=t),e.__c.__e=!0,e.__c=null),e.__k=e.__k&&e.__k.map(function(n){return Tt(n,t,r)})),e}function Nt(e,t,r){return e&&r&&(e.__v=null,e.__k=e.__k&&e.__k.map(function(n){return Nt(n,t,r)}),e.__c&&e.__c.__P===t&&(e.__e&&r.appendChild(e.__e),e.__c.__e=!0,e.__c.__P=r)),e}function Me(){this.__u=0,this.o=null,this.__b=null}function Ct(e){var t=e.__&&e.__.__c;return t&&t.__a&&t.__a(e)}function ce(){this.i=null,this.l=null}b.unmount=function(e){var t=e.__c;t&&(t.__z=!0),t&&t.__R&&t.__R(),t&&32&e.__u&&(e.type=null),vt&&vt(e)},(Me.prototype=new O).__c=function(e,t){var r=t.__c,n=this;n.o==null&&(n.o=[]),n.o.push(r);var i=Ct(n.__v),o=!1,s=function(){o||n.__z||(o=!0,r.__R=null,i?i(_):_())};r.__R=s;var a=r.__P;r.__P=null;var _=function(){if(!--n.__u){if(n.state.__a){var l=n.state.__a;n.__v.__k[0]=Nt(l,l.__c.__P,l.__c.__O)}var f;for(n.setState({__a:n.__b=null});f=n.o.pop();)f.__P=a,f.forceUpdate()}};n.__u++||32&t.__u||n.setState({__a:n.__b=n.__v.__k[0]}),e.then(s,s)},Me.prototype.componentWillUnmount=function(){this.o=[]},Me.prototype.render=function(e,t){if(this.__b){if(this.__v.__k){var r=document.createElement("div"),n=this.__v.__k[0].__c;this.__v.__k[0]=Tt(this.__b,r,n.__O=n.__P)}this.__b=null}var i=t.__a&&M(N,null,e.fallback);return i&&(i.__u&=-33),[M(N,null,t.__a?null:e.children),i]};var bt=function(e,t,r){if(++r[1]===r[0]&&e.l.delete(t),e.props.revealOrder&&(e.props.revealOrder[0]!=="t"||!e.l.size))for(r=e.i;r;){for(;r.length>3;)r.pop()();if(r[1]<r[0])break;e.i=r=r[2]}};(ce.prototype=new O).__a=function(e){var t=this,r=Ct(t.__v),n=t.l.get(e);return n[0]++,function(i){var o=function(){t.props.revealOrder?(n.push(i),bt(t,e,n)):i()};r?r(o):o()}},ce.prototype.render=function(e){this.i=null,this.l=new Map;var t=I(e.children);e.revealOrder&&e.revealOrder[0]==="b"&&t.reverse();for(var r=t.length;r--;)this.l.set(t[r],this.i=[1,0,this.i]);return e.children},ce.prototype.componentDidUpdate=ce.prototype.componentDidMount=function(){var e=this;this.l.forEach(function(t,r){bt(e,r,t)})};var ar=typeof Symbol<"u"&&Symbol.for&&Symbol.for("react.element")||60103,cr=/^(?:accent|alignment|arabic|baseline|cap|clip(?!PathU)|color|dominant|fill|flood|font|glyph(?!R)|horiz|image(!S)|letter|lighting|marker(?!H|W|U)|overline|paint|pointer|shape|stop|strikethrough|stroke|text(?!L)|transform|underline|unicode|units|v|vector|vert|word|writing|x(?!C))[A-Z]/,lr=/^on(Ani|Tra|Tou|BeforeInp|Compo)/,ur=/[A-Z0-9]/g,_r=typeof document<"u",fr=function(e){return(typeof Symbol<"u"&&typeof Symbol()=="symbol"?/fil|che|rad/:/fil|che|ra/).test(e)};function St(e,t,r){return t.__k==null&&(t.textContent=""),Re(e,t),typeof r=="function"&&r(),e?e.__c:null}O.prototype.isReactComponent=!0,["componentWillMount","componentWillReceiveProps","componentWillUpdate"].forEach(function(e){Object.defineProperty(O.prototype,e,{configurable:!0,get:function(){return this["UNSAFE_"+e]},set:function(t){Object.defineProperty(this,e,{configurable:!0,writable:!0,value:t})}})});var xt=b.event;b.event=function(e){return xt&&(e=xt(e)),e.persist=function(){},e.isPropagationStopped=function(){return this.cancelBubble},e.isDefaultPrevented=function(){return this.defaultPrevented},e.nativeEvent=e};var Ot,pr={configurable:!0,get:function(){return this.class}},Et=b.vnode;b.vnode=function(e){typeof e.type=="string"&&(function(t){var r=t.props,n=t.type,i={},o=n.indexOf("-")==-1;for(var s in r){var a=r[s];if(!(s==="value"&&"defaultValue"in r&&a==null||_r&&s==="children"&&n==="noscript"||s==="class"||s==="className")){var _=s.toLowerCase();s==="defaultValue"&&"value"in r&&r.value==null?s="value":s==="download"&&a===!0?a="":_==="translate"&&a==="no"?a=!1:_[0]==="o"&&_[1]==="n"?_==="ondoubleclick"?s="ondblclick":_!=="onchange"||n!=="input"&&n!=="textarea"||fr(r.type)?_==="onfocus"?s="onfocusin":_==="onblur"?s="onfocusout":lr.test(s)&&(s=_):_=s="oninput":o&&cr.test(s)?s=s.replace(ur,"-$&").toLowerCase():a===null&&(a=void 0),_==="oninput"&&i[s=_]&&(s="oninputCapture"),i[s]=a}}n=="select"&&(i.multiple&&Array.isArray(i.value)&&(i.value=I(r.children).forEach(function(l){l.props.selected=i.value.indexOf(l.props.value)!=-1})),i.defaultValue!=null&&(i.value=I(r.children).forEach(function(l){l.props.selected=i.multiple?i.defaultValue.indexOf(l.props.value)!=-1:i.defaultValue==l.props.value}))),r.class&&!r.className?(i.class=r.class,Object.defineProperty(i,"className",pr)):r.className&&(i.class=i.className=r.className),t.props=i})(e),e.$$typeof=ar,Et&&Et(e)};var kt=b.__r;b.__r=function(e){kt&&kt(e),Ot=e.__c};var wt=b.diffed;b.diffed=function(e){wt&&wt(e);var t=e.props,r=e.__e;r!=null&&e.type==="textarea"&&"value"in t&&t.value!==r.value&&(r.value=t.value==null?"":t.value),Ot=null};function It(e){return!!e.__k&&(Re(null,e),!0)}function L(e,t){let[r,n]=Oe({receiver:e,id:t.id,version:t.version,value:t}),i=r.value;return(r.receiver!==e||r.id!==t.id)&&(i=e.attached.get(t),n({receiver:e,id:t.id,version:t.version,value:i})),Ae(i),Ie(()=>{let o=!1,s=()=>{o||n(_=>{let{id:l,version:f,receiver:c}=_,{id:g}=t;if(c!==e||l!==g)return _;let u=e.attached.get(t),m=u?.version;return f===m?_:{receiver:e,value:u,id:g,version:m}})},a=e.attached.subscribe(t,s);return s(),()=>{o=!0,a()}},[e,t]),i}var dr=0;function v(e,t,r,n,i,o){t||(t={});var s,a,_=t;if("ref"in _)for(a in _={},t)a=="ref"?s=t[a]:_[a]=t[a];var l={type:e,props:_,key:r,ref:s,__k:null,__:null,__b:0,__e:null,__c:null,constructor:void 0,__v:--dr,__i:-1,__u:0,__source:i,__self:o};if(typeof e=="function"&&(s=e.defaultProps))for(a in s)_[a]===void 0&&(_[a]=s[a]);return b.vnode&&b.vnode(l),l}var Ue=j(function({controller:t,receiver:r}){let{root:n}=r.attached,{children:i}=L(r,n),{renderComponent:o,renderText:s}=t.renderer;return v(N,{children:i.map(a=>{switch(a.kind){case 1:return o({parent:n,component:a,receiver:r,controller:t,key:a.id});case 2:return s({parent:n,text:a,receiver:r,key:a.id});default:return null}})})});var mr={},At=j(function({receiver:t,component:r,controller:n}){let i=n.get(r.type),o=L(t,r),s=Pe(()=>{let _=o?.props;if(!_)return mr;let l={};for(let f of Object.keys(_)){let c=_[f];l[f]=z(c)?v(hr,{parent:r,receiver:t,fragment:c,controller:n}):c}return l},[t,n,o?.props,r.version]);if(o==null)return null;let{children:a}=o;return a.length===0?v(i,{...s}):v(i,{...s,children:Mt(r,a,t,n)})}),hr=j(function({parent:t,receiver:r,fragment:n,controller:i}){var o;let{children:s}=(o=L(r,n))!==null&&o!==void 0?o:{};return s?v(N,{children:Mt(t,s,r,i)}):null});function Mt(e,t,r,n){let{renderComponent:i,renderText:o}=n.renderer;return[...t].map(s=>{switch(s.kind){case 1:return i({parent:e,component:s,receiver:r,controller:n,key:s.id});case 2:return o({parent:e,text:s,receiver:r,key:s.id});default:return null}})}var Dt=j(function({text:t,receiver:r}){let n=L(r,t);return n?v(N,{children:n.text}):null});function je(e,{renderComponent:t,renderText:r}={}){let n=new Map(Object.entries(e)),i=({parent:_,component:l,controller:f,receiver:c,key:g})=>v(At,{parent:_,component:l,controller:f,receiver:c},g),o=t?_=>t(_,{renderDefault(){return i(_)}}):i,s=({key:_,receiver:l,text:f,parent:c})=>v(Dt,{receiver:l,text:f,parent:c},_);return{get(_){let l=n.get(_);if(l==null)throw new Error(`Unknown component: ${_}`);return l},renderer:{renderComponent:o,renderText:r?_=>r(_,{renderDefault(){return s(_)}}):s}}}var Z=Symbol.for("RemoteUi::Retain"),G=Symbol.for("RemoteUi::Release"),$=Symbol.for("RemoteUi::RetainedBy");var W=class{constructor(){this.memoryManaged=new Set}add(t){this.memoryManaged.add(t),t[$].add(this),t[Z]()}release(){for(let t of this.memoryManaged)t[$].delete(this),t[G]();this.memoryManaged.clear()}};function Ut(e){return!!(e&&e[Z]&&e[G])}function Le(e){if(e==null||typeof e!="object")return!1;let t=Object.getPrototypeOf(e);return t==null||t===Object.prototype}var le="_@f";function jt(e){let t=new Map,r=new Map,n=new Map;return{encode:i,decode:o,async call(s,a){let _=new W,l=r.get(s);if(l==null)throw new Error("You attempted to call a function that was already released.");try{let f=Ut(l)?[_,...l[$]]:[_];return await l(...o(a,f))}finally{_.release()}},release(s){let a=r.get(s);a&&(r.delete(s),t.delete(a))},terminate(){t.clear(),r.clear(),n.clear()}};function i(s,a=new Map){if(s==null)return[s];let _=a.get(s);if(_)return _;if(typeof s=="object"){if(Array.isArray(s)){a.set(s,[void 0]);let f=[],g=[s.map(u=>{let[m,p=[]]=i(u,a);return f.push(...p),m}),f];return a.set(s,g),g}if(Le(s)){a.set(s,[void 0]);let f=[],g=[Object.keys(s).reduce((u,m)=>{let[p,d=[]]=i(s[m],a);return f.push(...d),{...u,[m]:p}},{}),f];return a.set(s,g),g}}if(typeof s=="function"){if(t.has(s)){let g=t.get(s),u=[{[le]:g}];return a.set(s,u),u}let f=e.uuid();t.set(s,f),r.set(f,s);let c=[{[le]:f}];return a.set(s,c),c}let l=[s];return a.set(s,l),l}function o(s,a){if(typeof s=="object"){if(s==null)return s;if(Array.isArray(s))return s.map(_=>o(_,a));if(le in s){let _=s[le];if(n.has(_))return n.get(_);let l=0,f=!1,c=()=>{l-=1,l===0&&(f=!0,n.delete(_),e.release(_))},g=()=>{l+=1},u=new Set(a),m=(...p)=>{if(f)throw new Error("You attempted to call a function that was already released.");if(!n.has(_))throw new Error("You attempted to call a function that was already revoked.");return e.call(_,p)};Object.defineProperties(m,{[G]:{value:c,writable:!1},[Z]:{value:g,writable:!1},[$]:{value:u,writable:!1}});for(let p of u)p.add(m);return n.set(_,m),m}if(Le(s))return Object.keys(s).reduce((_,l)=>({..._,[l]:o(s[l],a)}),{})}return s}}var Lt=0,Fe=1,Ft=2,Ht=3,zt=5,He=6;function ze(e,{uuid:t=gr,createEncoder:r=jt,callable:n}={}){let i=!1,o=e,s=new Map,a=new Map,_=yr(g,n),l=r({uuid:t,release(p){f(Ht,[p])},call(p,d,h){let y=t(),x=u(y,h),[E,R]=l.encode(d);return f(zt,[y,p,E],R),x}});return o.addEventListener("message",c),{call:_,replace(p){let d=o;o=p,d.removeEventListener("message",c),p.addEventListener("message",c)},expose(p){for(let d of Object.keys(p)){let h=p[d];typeof h=="function"?s.set(d,h):s.delete(d)}},callable(...p){if(n!=null)for(let d of p)Object.defineProperty(_,d,{value:g(d),writable:!1,configurable:!0,enumerable:!0})},terminate(){f(Ft,void 0),m(),o.terminate&&o.terminate()}};function f(p,d,h){i||o.postMessage(d?[p,d]:[p],h)}async function c(p){let{data:d}=p;if(!(d==null||!Array.isArray(d)))switch(d[0]){case Ft:{m();break}case Lt:{let h=new W,[y,x,E]=d[1],R=s.get(x);try{if(R==null)throw new Error(`No '${x}' method is exposed on this endpoint`);let[T,S]=l.encode(await R(...l.decode(E,[h])));f(Fe,[y,void 0,T],S)}catch(T){let{name:S,message:U,stack:C}=T;throw f(Fe,[y,{name:S,message:U,stack:C}]),T}finally{h.release()}break}case Fe:{let[h]=d[1];a.get(h)(...d[1]),a.delete(h);break}case Ht:{let[h]=d[1];l.release(h);break}case He:{let[h]=d[1];a.get(h)(...d[1]),a.delete(h);break}case zt:{let[h,y,x]=d[1];try{let E=await l.call(y,x),[R,T]=l.encode(E);f(He,[h,void 0,R],T)}catch(E){let{name:R,message:T,stack:S}=E;throw f(He,[h,{name:R,message:T,stack:S}]),E}break}}}function g(p){return(...d)=>{if(i)return Promise.reject(new Error("You attempted to call a function on a terminated web worker."));if(typeof p!="string"&&typeof p!="number")return Promise.reject(new Error(`Can\u2019t call a symbol method on a remote endpoint: ${p.toString()}`));let h=t(),y=u(h),[x,E]=l.encode(d);return f(Lt,[h,p,x],E),y}}function u(p,d){return new Promise((h,y)=>{a.set(p,(x,E,R)=>{if(E==null)h(R&&l.decode(R,d));else{let T=new Error;Object.assign(T,E),y(T)}})})}function m(){var p;i=!0,s.clear(),a.clear(),(p=l.terminate)===null||p===void 0||p.call(l),o.removeEventListener("message",c)}}function gr(){return`${ue()}-${ue()}-${ue()}-${ue()}`}function ue(){return Math.floor(Math.random()*Number.MAX_SAFE_INTEGER).toString(16)}function yr(e,t){let r;if(t==null){if(typeof Proxy!="function")throw new Error("You must pass an array of callable methods in environments without Proxies.");let n=new Map;r=new Proxy({},{get(i,o){if(n.has(o))return n.get(o);let s=e(o);return n.set(o,s),s}})}else{r={};for(let n of t)Object.defineProperty(r,n,{value:e(n),writable:!1,configurable:!0,enumerable:!0})}return r}function Bt(e){return{render:function(t){St(t,e)},unmount:function(){It(e)}}}var vr={"extra-small":"xs",small:"sm",medium:"md",large:"lg","extra-large":"xl"},D=(...e)=>e.filter(Boolean).join(" "),br=(e,t)=>`${e}-${vr[t]??t}`;function xr({children:e,variant:t="bodytext",inline:r=!1,format:n={}}){let i=D("text",t,n.fontWeight,n.italic&&"italic");return r?v("span",{className:i,children:e}):v("p",{className:i,dir:"auto",children:e})}function Er({children:e}){return v("h3",{className:"heading",dir:"auto",children:e})}function kr({children:e,direction:t="row",gap:r="flush",justify:n="start",align:i="stretch",wrap:o}){let s=o===!0||o==="wrap";return v("div",{className:D("flex",t,br("gap",r),`justify-${n}`,`align-${i}`,s&&"wrap"),children:e})}function wr({children:e,variant:t="default"}){return v("span",{className:D("tag",t),dir:"auto",children:e})}function Rr({title:e,children:t,variant:r="info"}){return v("div",{className:D("alert",r),role:"note",dir:"auto",children:[v("p",{className:"alert-title",children:e}),v("div",{children:t})]})}function Tr({children:e}){return v("dl",{className:"statistics",children:e})}function Nr({label:e,number:t,children:r}){return v("div",{className:"statistic",children:[v("dt",{children:e}),v("dd",{children:[v("span",{className:"number",dir:"auto",children:t}),r]})]})}function Cr(e){let{title:t,value:r=0,maxValue:n=100,valueDescription:i,variant:o="success"}=e,s=Math.min(1,Math.max(0,r/n));return v("div",{className:"progress",children:[v("p",{className:"progress-head",children:[v("span",{dir:"auto",children:t}),v("span",{dir:"auto",children:i})]}),v("div",{role:"progressbar","aria-label":e["aria-label"]??t,"aria-valuenow":r,"aria-valuemin":0,"aria-valuemax":n,"aria-valuetext":i,children:v("div",{className:D("bar",o),style:{inlineSize:`${s*100}%`}})})]})}function Sr(e){let{stepNames:t,currentStep:r=0,direction:n="horizontal",variant:i="default"}=e,o=s=>s<r?"past":s===r?"current":"ahead";return v("ol",{className:D("steps",n,i),children:t.map((s,a)=>v("li",{className:o(a),"aria-current":a===r?"step":void 0,children:[v("span",{className:"circle","aria-hidden":"true",children:a<r?"\u2713":a+1}),v("span",{className:"step",dir:"auto",children:s})]},a))})}function Or({children:e,variant:t="unordered"}){let r=t.startsWith("ordered")?"ol":"ul";return v(r,{className:D("list",t),children:Rt.map(e,n=>v("li",{dir:"auto",children:n}))})}function Ir({children:e,direction:t="column"}){return v("dl",{className:D("descriptions",t),children:e})}function Pr({label:e,children:t}){return v("div",{className:"description",children:[v("dt",{children:e}),v("dd",{dir:"auto",children:t})]})}function Ar({label:e,showLabel:t=!1}){return v("div",{className:"loading",role:"status",children:[v("span",{className:"spinner","aria-hidden":"true"}),v("span",{className:t?void 0:"unseen",children:e})]})}function Mr({title:e,children:t}){return v("div",{className:"error",role:"alert",dir:"auto",children:[v("h3",{className:"heading",children:e}),t]})}var Vt={Alert:Rr,DescriptionList:Ir,DescriptionListItem:Pr,ErrorState:Mr,Flex:kr,Heading:Er,List:Or,LoadingSpinner:Ar,ProgressBar:Cr,Statistics:Tr,StatisticsItem:Nr,StepIndicator:Sr,Tag:wr,Text:xr};var $t=`/* Our own drawing of the components; HubSpot's looks alike, not the same. The page has the panel and the font. */

:host {
  display: block;
  color-scheme: light dark;
  --ground: #fff;
  --ink: #2b3a49;
  --quiet: #51667b;
  --line: #d3dde6;
  --track: #e6edf3;
  --bar: #0a8577;
  --mark: #0a6f8f;
  --default: #eaf0f5;
  --success: #d9f2ec;
  --info: #dcecf8;
  --warning: #fdf0d5;
  --danger: #fbe3e1;
  --success-edge: #0a8577;
  --info-edge: #2a78b0;
  --warning-edge: #b36b00;
  --danger-edge: #b3382c;
}

@media (prefers-color-scheme: dark) {
  :host {
    --ground: #1c252e;
    --ink: #e6edf3;
    --quiet: #a6b8c9;
    --line: #3a4855;
    --track: #34424f;
    --bar: #3db8a6;
    --mark: #5cb8d6;
    --default: #2e3b47;
    --success: #143f39;
    --info: #173a54;
    --warning: #46370f;
    --danger: #51231f;
    --success-edge: #3db8a6;
    --info-edge: #62aee0;
    --warning-edge: #e0a13a;
    --danger-edge: #ec8176;
  }
}

* {
  box-sizing: border-box;
  margin: 0;
}

.card {
  container-type: inline-size;
  color: var(--ink);
  font-size: 14px;
  line-height: 1.5;
  overflow-wrap: anywhere;
}

.heading {
  font-size: 20px;
  font-weight: 600;
  line-height: 1.3;
}

.sidebar .heading {
  font-size: 17px;
}

.microcopy {
  color: var(--quiet);
  font-size: 12.5px;
}

.demibold {
  font-weight: 600;
}

.bold {
  font-weight: 700;
}

.italic {
  font-style: italic;
}

.flex {
  display: flex;
  min-inline-size: 0;
}

.column {
  flex-direction: column;
}

.wrap {
  flex-wrap: wrap;
}

.gap-xs {
  gap: 4px;
}

.gap-sm {
  gap: 8px;
}

.gap-md {
  gap: 16px;
}

.gap-lg {
  gap: 24px;
}

.gap-xl {
  gap: 32px;
}

.align-start {
  align-items: flex-start;
}

.align-center {
  align-items: center;
}

.align-baseline {
  align-items: baseline;
}

.align-end {
  align-items: flex-end;
}

.justify-center {
  justify-content: center;
}

.justify-end {
  justify-content: flex-end;
}

.justify-between {
  justify-content: space-between;
}

.tag {
  display: inline-block;
  padding: 1px 8px;
  border: 1px solid transparent;
  border-radius: 3px;
  background: var(--default);
  font-size: 12.5px;
}

.tag.success {
  border-color: var(--success-edge);
  background: var(--success);
}

.tag.info {
  border-color: var(--info-edge);
  background: var(--info);
}

.tag.warning {
  border-color: var(--warning-edge);
  background: var(--warning);
}

.tag.error {
  border-color: var(--danger-edge);
  background: var(--danger);
}

.alert {
  padding: 12px 16px;
  border-inline-start: 4px solid var(--info-edge);
  border-radius: 3px;
  background: var(--info);
}

.alert.warning {
  border-color: var(--warning-edge);
  background: var(--warning);
}

.alert.danger,
.alert.error {
  border-color: var(--danger-edge);
  background: var(--danger);
}

.alert-title {
  font-weight: 600;
}

.statistics {
  display: flex;
  flex-wrap: wrap;
  gap: 12px 24px;
}

.statistic {
  flex: 1 1 110px;
}

.statistic dt,
.description dt {
  color: var(--quiet);
  font-size: 12.5px;
}

.statistic dd,
.description dd {
  margin: 0;
}

.number {
  display: block;
  font-size: 32px;
  font-weight: 600;
  line-height: 1.25;
}

.progress-head {
  display: flex;
  flex-wrap: wrap;
  justify-content: space-between;
  gap: 0 12px;
  margin-block-end: 4px;
}

.progress-head span + span {
  color: var(--quiet);
  font-variant-numeric: tabular-nums;
}

[role="progressbar"] {
  block-size: 8px;
  border-radius: 4px;
  background: var(--track);
  overflow: hidden;
}

.bar {
  block-size: 100%;
  border-radius: 4px;
  background: var(--bar);
}

.bar.warning {
  background: var(--warning-edge);
}

.bar.danger {
  background: var(--danger-edge);
}

.steps {
  display: flex;
  padding: 0;
  list-style: none;
}

.steps li {
  position: relative;
  display: flex;
  flex: 1 1 0;
  flex-direction: column;
  align-items: center;
  gap: 4px;
  min-inline-size: 0;
  color: var(--quiet);
  font-size: 12.5px;
  text-align: center;
}

/* The way between two circles: the second half of one step and the first half of the next. */
.steps li + li::before,
.steps li:not(:last-child)::after {
  position: absolute;
  inset-block-start: 11px;
  inset-inline: 0 calc(50% + 14px);
  border-block-start: 2px solid var(--line);
  content: "";
}

.steps li:not(:last-child)::after {
  inset-inline: calc(50% + 14px) 0;
}

.circle {
  display: grid;
  flex: none;
  place-items: center;
  inline-size: 24px;
  block-size: 24px;
  border: 2px solid var(--line);
  border-radius: 50%;
  font-size: 12px;
}

.past .circle {
  border-color: var(--mark);
  color: var(--mark);
}

.current .circle {
  border-color: var(--mark);
  background: var(--mark);
  color: var(--ground);
  font-weight: 700;
}

.step {
  font-size: 11.5px;
  hyphens: auto;
}

.current .step {
  color: var(--ink);
  font-weight: 600;
}

.steps.compact li {
  flex: 1 1 24px;
}

.steps.compact .current {
  flex: none;
}

.steps.compact li:not(.current) .step {
  position: absolute;
  inline-size: 1px;
  block-size: 1px;
  overflow: hidden;
  clip-path: inset(50%);
}

/* Where it is narrow, there is no room for all names either. */
@container (max-width: 34rem) {
  .steps li {
    flex: 1 1 24px;
  }

  .steps .current {
    flex: none;
  }

  .steps li:not(.current) .step {
    position: absolute;
    inline-size: 1px;
    block-size: 1px;
    overflow: hidden;
    clip-path: inset(50%);
  }
}

.list {
  display: flex;
  flex-direction: column;
  gap: 4px;
  padding: 0;
  list-style: none;
}

.list.ordered,
.list.unordered-styled {
  padding-inline-start: 20px;
  list-style: revert;
}

.descriptions {
  display: flex;
  flex-direction: column;
  gap: 12px;
}

.descriptions.row {
  flex-flow: row wrap;
  gap: 12px 40px;
}

.loading {
  display: flex;
  gap: 10px;
  align-items: center;
  justify-content: center;
  padding: 24px;
}

.spinner {
  inline-size: 20px;
  block-size: 20px;
  border: 3px solid var(--track);
  border-block-start-color: var(--mark);
  border-radius: 50%;
}

@media (prefers-reduced-motion: no-preference) {
  .spinner {
    animation: turn 1s linear infinite;
  }
}

@keyframes turn {
  to {
    rotate: 1turn;
  }
}

.unseen {
  position: absolute;
  inline-size: 1px;
  block-size: 1px;
  overflow: hidden;
  clip-path: inset(50%);
}
`;function mo(e,t){let r=new Worker(new URL("worker.js",import.meta.url)),n=ze(r),i=Q(),o=e.shadowRoot??e.attachShadow({mode:"open"}),s=new CSSStyleSheet;s.replaceSync($t),o.adoptedStyleSheets=[s];let a=document.createElement("div");a.className=`card ${t.location==="crm.record.sidebar"?"sidebar":"tab"}`,a.lang=t.locale,o.replaceChildren(a);let _=Bt(a);_.render(M(Ue,{receiver:i,controller:je(Vt)}));let l=f=>{_.unmount(),a.role="alert",a.textContent=`The card could not be shown: ${f}`};return r.addEventListener("error",f=>l(f.message||`${t.bundleUrl} could not be loaded`)),n.call.start({bundleUrl:new URL(t.bundleUrl,document.baseURI).href,scorecard:t.scorecard,context:{location:t.location,crm:{objectId:t.objectId,objectTypeId:t.objectTypeId},user:{locale:t.locale},portal:{timezone:t.timeZone}},channel:i.receive,read:()=>t.properties().then(f=>({properties:f}),f=>({error:f.message}))}).catch(f=>l(f.message)),{async update(){await n.call.changed(await t.properties())},unmount(){n.terminate(),r.terminate(),_.unmount(),o.replaceChildren()}}}export{mo as mountHubSpotCard};
